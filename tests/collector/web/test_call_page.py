"""A call handled from code to proof by forms and links, and hostile strings wherever they can be shown."""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import AsyncIterator, Callable
from html.parser import HTMLParser
from typing import Any

import pytest
from hotline_collector.calls.actor import Actor
from hotline_collector.calls.words import expected
from hotline_collector.console.texts import texts_for
from hotline_collector.devices.allowed import Allowed
from hotline_collector.devices.reach import OwnWay, Reach
from hotline_collector.model.rule import LexiconEntry, Text
from hotline_collector.web.acts import ACTS
from hotline_collector.web.call_page import Wrong
from hotline_collector.web.next_step import next_step
from hotline_collector.web.rendering import Pages, Reader
from hotline_collector.web.timeline import timeline
from hotline_proto.facts import Fact
from hotline_proto.v1 import agent_pb2 as apb
from hotline_proto.v1 import probe_pb2 as pb
from hotline_proto.words import commit
from starlette.requests import Request

from tests.pictures import read_picture

HOSTILE = [
    "<script>alert(1)</script>",
    "\"'><img src=x onerror=alert(1)>",
    "\x1b[31mred\x1b]0;title\x07",
    "a\u202egnp.exe\u2066x",
    "{{ 7 * 7 }}{% raw %}",
    "x" * 1_000_000,
]
# The intake takes no longer names of things.
MAX_NAME = 128


class Structure(HTMLParser):
    """Collects what a page is made of."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.ids: list[str] = []
        self.labelled: set[str] = set()
        self.inputs: list[dict[str, str]] = []
        self.links: list[str] = []
        self.scripts: list[dict[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self.tags.add(tag)
        self.attributes |= found.keys()
        if "id" in found:
            self.ids.append(found["id"])
        if tag == "label":
            self.labelled.add(found.get("for", ""))
        if tag in ("input", "select", "textarea") and found.get("type") not in ("hidden", "checkbox"):
            self.inputs.append(found)
        if tag == "script":
            self.scripts.append(found)
        if tag == "a":
            self.links.append(found.get("href", ""))


def structure(page: str) -> Structure:
    parser = Structure()
    parser.feed(page)
    return parser


def sound(page: str) -> None:
    """Make sure that nothing foreign became markup, and that the page can be used without seeing it."""
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]", page)
    found = structure(page)
    assert not found.tags & {"img", "iframe", "style", "object", "use", "foreignobject", "animate", "image"}
    ours = [{"src": f"/desk/{name}.js", "defer": ""} for name in ("morph", "desk", "keys", "call")]
    assert found.scripts in ([], ours[:3], ours)
    assert not {name for name in found.attributes if name.startswith("on")} | (found.attributes & {"style"})
    assert len(found.ids) == len(set(found.ids))
    assert all(each.get("id") in found.labelled for each in found.inputs)
    assert found.tags >= {"main", "header", "nav", "h1", "title"}
    for link in found.links:
        assert not link.startswith("#") or link[1:] in found.ids
        assert link.startswith(("#", "/desk", "https://help.example/"))
    assert "built-in method" not in page and "object at 0x" not in page
    assert len(page) < 200_000


async def opened(site: Any, join: Any, browser: Any, *, words: bool = True, **fields: str) -> Any:
    probe = await join(site.world, words=words)
    await browser.sign_in(**fields)
    await browser.open(f"/desk/calls/{probe.call.row.id}")
    return probe


@pytest.fixture
async def listed() -> AsyncIterator[Callable[..., Reach]]:
    """Make what reads listed devices, by a process that only waits."""
    made: list[Reach] = []

    def make(*addresses: str) -> Reach:
        waits = (sys.executable, "-c", "import sys; sys.stdin.read()")
        way = OwnWay("localhost", 1, "127.0.0.1", "0" * 64)
        made.append(Reach([Allowed(each, agent=True) for each in addresses], way, 2, waits))
        return made[-1]

    yield make
    for one in made:
        await one.close()


async def test_a_call_goes_from_words_to_proof_without_scripts(site: Any, join: Any, filesystem: Any) -> None:
    async with site.browser() as mia:
        probe = await opened(site, join, mia, words=False)
        path = mia.page.url.path
        assert "Next: Enter the two words" in mia.words()
        await mia.send(f"{path}/words", words="wrong words")
        assert "These are not the caller's words." in mia.words() and not probe.call.row.words_confirmed
        await mia.send(f"{path}/words", words=expected(probe.session, "ab" * 32))
        assert "The two words match" in mia.words() and probe.call.row.words_confirmed
        probe.tell("filesystems", *filesystem(0.99))
        await mia.open(path)
        sound(mia.page.text)
        assert "Say now: The cause is: disk.full. Propose a fix. Next: Propose a fix" in mia.words()
        assert "= 99 %" in mia.words() and "condition > 95 %" in mia.words() and "confidence" in mia.words()
        [finding] = [f.id for f in probe.call.engine.findings().values()]
        await mia.send(f"{path}/propose", finding=finding, index="1")
        [fix] = probe.call.fixes.rows.values()
        assert (fix.state, "do tidy (de)" in mia.words()) == ("proposed", True)
        assert '<ol lang="de"><li>do tidy (de)</li></ol>' in mia.page.text
        assert "In English" in mia.words() and '<ol lang="en"><li>do tidy</li></ol>' in mia.page.text
        await mia.send(f"{path}/fix", fix=fix.id, event="done")
        assert fix.state in ("done", "verifying") and "Watch what happens" in mia.words()
        probe.tell("filesystems", *filesystem(0.5))
        async with asyncio.timeout(30):
            while fix.state != "verified":
                site.world.manager.around.deadlines.fire(site.world.clock.now())
                await asyncio.sleep(0.05)
        await mia.open(path)
        assert "verified" in mia.words() and "Measured: the fault is gone." in mia.words()
        assert "Next: Close the call" in mia.words()
        page = await mia.send(f"{path}/close", outcome="solved")
        assert page.status_code == 409 and "the caller has not confirmed" in mia.words()
        sound(page.text)
        await mia.send(f"{path}/close", outcome="solved", caller_confirmed="yes", note="all well")
        assert "Closed: solved" in mia.words() and "all well" in mia.words()
        forms = re.findall(r'<form action="([^"]*)"', mia.page.text)
        assert forms == ["/desk/sign-out", f"{path}#facts"]
        sound(mia.page.text)


async def test_an_action_is_proposed_declined_and_shown_in_german(
    site: Any, join: Any, filesystem: Any
) -> None:
    async with site.browser() as mia:
        probe = await opened(site, join, mia, lang="de")
        probe.tell("filesystems", *filesystem(0.99))
        path, [finding] = mia.page.url.path, list(probe.call.engine.findings())
        await mia.send(f"{path}/propose", finding=finding, index="0")
        [fix] = probe.call.fixes.rows.values()
        probe.report(fix.id, pb.ACTION_STATE_DECLINED)
        await mia.open(path)
        sound(mia.page.text)
        assert '<html lang="de">' in mia.page.text and "abgelehnt" in mia.words()
        assert "Jetzt sagen:" in mia.words() and "Sicherheit 90 %" in mia.words()


async def test_a_fix_on_a_device_says_where(site: Any, join: Any, filesystem: Any) -> None:
    async with site.browser() as mia:
        probe = await opened(site, join, mia)
        path = mia.page.url.path
        await mia.send(f"{path}/device", address="ssh://root@192.168.1.5")
        _, call, session = await site.world.manager.join(
            probe.call.row.id, pb.ProbeInfo(platform="linux"), commit(b"n" * 16), 2
        )
        device = type(probe)(site.world, call, session)
        device.connect()
        device.tell("filesystems", *filesystem(0.99))
        [finding] = call.engine.findings()
        await mia.send(f"{path}/propose", finding=finding, index="1")
        cards = re.findall(r'<article class="card">\s*<h3>(.*?)</h3>', mia.page.text)
        assert "do tidy (/) – ssh://root@192.168.1.5" in cards


async def test_questions_notes_checks_and_disagreement(site: Any, join: Any, filesystem: Any) -> None:
    async with site.browser() as mia:
        probe = await opened(site, join, mia)
        probe.tell("filesystems", *filesystem(0.99))
        path, [finding] = mia.page.url.path, list(probe.call.engine.findings())
        await mia.send(f"{path}/note", text="rang twice")
        assert "Note (mia): rang twice" in mia.words()
        await mia.send(f"{path}/device", address="ssh://root@192.168.1.5")
        assert probe.call.devices[2].address == "ssh://root@192.168.1.5"
        await mia.send(f"{path}/check", check="mail.example.org:993")
        assert probe.call.row.checks == ("mail.example.org:993",)
        await mia.send(f"{path}/disagree", finding=finding, cause="the cat", reason="it purrs")
        assert "but the cat (it purrs)" in mia.words()
        await mia.send(f"{path}/answer", question="ask.smell", value="true")
        assert "HAZARD" in mia.words() and "Next: Follow the safety steps" in mia.words()
        sound(mia.page.text)
        await mia.send(f"{path}/propose", finding=finding, index="1")
        assert mia.page.status_code == 403 and "must be unlocked first" in mia.words()


async def test_a_device_is_read_from_here_if_the_operator_lists_any(
    site: Any, join: Any, listed: Callable[..., Reach]
) -> None:
    async with site.browser() as mia:
        probe = await opened(site, join, mia, words=False)
        path = mia.page.url.path
        assert "device-here" not in mia.page.text
        site.world.manager.around.reach = listed("ssh://support@nas.example.org")
        await mia.open(path)
        sound(mia.page.text)
        assert "<option>ssh://support@nas.example.org</option>" in mia.page.text
        await mia.send(f"{path}/device", address="ssh://root@elsewhere", from_collector="yes")
        assert mia.page.status_code == 409 and "devices.allow" in mia.words()
        await mia.send(f"{path}/device", address="ssh://support@nas.example.org", from_collector="yes")
        assert "The collector connects to the device" in mia.words()
        assert "connecting (from the collector)" in mia.words()
        probe.call.devices[2].state, probe.call.devices[2].trouble = "failed", "host_key_unknown"
        probe.call.devices[2].fingerprint = "SHA256:" + "k" * 43
        await mia.open(path)
        assert "the operator adds to its entry in devices.allow: fingerprint =" in mia.words()


@pytest.mark.parametrize(
    ("name", "fields", "status"),
    [
        ("answer", {"question": "<b>", "value": "x"}, 400),
        ("propose", {"finding": "<b>", "index": "0"}, 404),
        ("propose", {"finding": "x", "index": "-1"}, 400),
        ("propose", {"finding": "x", "index": "²"}, 400),
        ("fix", {"fix": "<b>", "event": "done"}, 404),
        ("check", {"check": "http://169.254.169.254/"}, 400),
        ("device", {"address": "192.168.1.5"}, 400),
        ("close", {"outcome": "<b>"}, 400),
        ("note", {"text": " "}, 400),
        ("spoken", {"digits": "123"}, 409),
        ("disagree", {"finding": "x", "cause": ""}, 404),
    ],
)
async def test_what_cannot_be_is_said_on_the_page(
    site: Any, join: Any, name: str, fields: dict[str, str], status: int
) -> None:
    async with site.browser() as mia:
        await opened(site, join, mia)
        page = await mia.send(f"{mia.page.url.path}/{name}", **fields)
        assert page.status_code == status and 'role="alert"' in page.text and "<b>" not in page.text
        sound(page.text)


async def test_every_form_needs_session_key_and_an_open_call(site: Any, join: Any) -> None:
    async with site.browser() as mia, site.browser() as nobody:
        probe = await opened(site, join, mia)
        path, key = mia.page.url.path, mia.key()
        for name in ACTS:
            page = await nobody.client.post(f"{path}/{name}", data={"key": key})
            assert (page.status_code, page.headers["location"][:13]) == (303, "/desk/sign-in")
            page = await mia.client.post(f"{path}/{name}", data={"key": "0" * 64})
            assert page.status_code == 403
            page = await mia.client.post(f"/desk/calls/nothing/{name}", data={"key": key, "index": "0"})
            assert page.status_code == 404, name
        assert not probe.call.notes and probe.call.row.state != "closed"


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
async def test_hostile_strings_of_a_probe_are_only_words(site: Any, join: Any, text: str) -> None:
    async with site.browser() as mia:
        probe = await opened(site, join, mia)
        key, name = ("/" + text)[:MAX_NAME], text[:MAX_NAME]
        probe.tell(
            "filesystems",
            Fact("system.filesystem.utilization", 0.99, key),
            Fact("system.filesystem.purpose", "system", key),
        )
        probe.tell("processes", Fact("process.cpu", 0.99, name), Fact("process.name", name, name))
        path, [finding] = mia.page.url.path, list(probe.call.engine.findings())[:1]
        await mia.send(f"{path}/note", text=text[:3000])
        await mia.send(f"{path}/disagree", finding=finding, cause=text[:100], reason=text[:500])
        await mia.open(f"{path}?find=")
        assert "disk.full" in mia.words() and "process.name" in mia.words()
        sound(mia.page.text)
        for query in (text[:1000], "a" * 5000):
            await mia.client.get(path, params={"find": query})
            await mia.open(f"{path}?said=%3Cb%3E")
            sound(mia.page.text)


def fill(message: Any, text: str, depth: int = 0) -> Any:
    """Put a text into every string of a message, and one entry into every list."""
    for field in message.DESCRIPTOR.fields:
        if field.message_type is not None:
            if depth < 4:
                inner = getattr(message, field.name)
                fill(inner.add() if field.is_repeated else inner, text, depth + 1)
        elif field.type == field.TYPE_STRING:
            if field.is_repeated:
                getattr(message, field.name).append(text)
            else:
                setattr(message, field.name, text)
    return message


@pytest.mark.parametrize("lang", ["en", "de"])
@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_strings_in_every_place_of_a_view_are_only_words(text: str, lang: str) -> None:
    call = fill(apb.CallView(), text)
    call.state = call.targets[0].link = "lost"
    call.also_noticed[0].finding_id = "other"
    more = {
        "wrong": Wrong("error_invalid", text),
        "complaints": [LexiconEntry(text, Text(text, text), (), {})],
        "earlier": fill(apb.ListEarlierCallsResponse(recognised=True), text),
    }
    sound(shown(call, lang, **more))


def shown(call: apb.CallView, lang: str = "en", **more: Any) -> str:
    """Return the page of a call that is seen like this."""
    scope = {"type": "http", "method": "GET", "path": "/desk", "query_string": b"lang=" + lang.encode()}
    values: dict[str, Any] = {
        "wrong": Wrong(),
        "complaints": [],
        "earlier": apb.ListEarlierCallsResponse(),
        "caller_lang": lang,
        **more,
    }
    page = Pages("A & B").render(
        Request(scope | {"headers": []}),
        "call.html",
        reader=Reader(Actor("mia", "agent"), "0" * 64),
        call=call,
        code=None,
        now=1,
        step=next_step(call),
        events=timeline(call, texts_for(lang)),  # type: ignore[arg-type]
        search="",
        facts=call.facts,
        left_out=0,
        statuses={},
        **values,
    )
    return bytes(page.body).decode()


def test_the_owners_word_is_asked_for_where_it_is_needed() -> None:
    call = apb.CallView(call_id="x", state="active")
    call.targets.add(
        target=2, name="ssh://support@nas", device="reading", link="connected", from_collector=True
    )
    cause = call.causes.add(finding_id="abc", rule="svc.unit_failed", target=2, state="active")
    for index, action in enumerate(("service.restart", "")):
        cause.fixes.add(index=index, action=action, title=apb.Text(en="Set it right"))
    page = shown(call)
    sound(page)
    assert page.count('name="owner_agreed"') == 1 and 'id="owner-abc-0" required' in page
    call.targets[0].from_collector = False
    assert "owner_agreed" not in shown(call)


@pytest.mark.parametrize("link", ["waiting", "connected", "ended"])
def test_nobody_is_asked_on_a_device(link: str) -> None:
    call = apb.CallView(call_id="x", state="active")
    call.targets.add(target=2, name="ssh://nas", device="reading", link=link, consent=["basic"])
    call.targets[0].personal = "declined"
    [said] = re.findall(r"<strong>ssh://nas</strong>:(.*?)</li>", shown(call), re.DOTALL)
    assert "being read" in said and not re.search("consent|personal|by the caller|waiting", said)


@pytest.mark.parametrize(
    ("by", "aside", "above"),
    [
        ("caller", "read out to the caller", "Say to the caller"),
        ("agent", "your turn", "What you do yourself"),
        ("technician", "your turn", "What you do yourself"),
    ],
)
def test_only_what_the_caller_does_is_read_out(by: str, aside: str, above: str) -> None:
    call = apb.CallView(call_id="x", state="active")
    cause = call.causes.add(finding_id="abc", rule="sto.full", state="active")
    steps = [apb.Text(en="Order a disk.", de="Bestellen."), apb.Text(en="Note the model.", de="Notieren.")]
    cause.fixes.add(title=steps[0], by=by, steps=steps)
    call.fixes.add(fix_id="f", finding_id="abc", title=steps[0], by=by, state="proposed", steps=steps)
    page = shown(call, caller_lang="de")
    sound(page)
    asides = {"read out to the caller", "your turn"} - {aside}
    headings = {"Say to the caller", "What you do yourself"} - {above}
    assert aside in page and page.count(above) == 2
    assert not any(other in page for other in asides | headings)
    # What is read out is in the caller's language, what the agent does in the agent's.
    assert ('<ol lang="de"><li>Bestellen.' in page) == (by == "caller")


async def test_the_way_shows_where_it_breaks(site: Any, join: Any) -> None:
    async with site.browser() as mia:
        probe = await opened(site, join, mia)
        assert "way-good" not in mia.page.text  # nothing is good before it was measured
        probe.tell("ping", Fact("net.gateway.reachable", True), Fact("net.internet.reachable", True))
        probe.tell("lookups", Fact("net.dns.lookup.ok", False))
        await mia.open(mia.page.url.path)
        sound(mia.page.text)
        assert mia.page.text.count('<path class="break"') == 1
        assert "Provider works Name server Breaks here: names do not resolve" in mia.words()
        assert "Service nothing is being checked Have a page or server checked" in mia.words()
        probe.lose()
        await mia.open(mia.page.url.path)
        site.world.manager.around.deadlines.fire(site.world.clock.now() + 60_000_000)
        await mia.open(mia.page.url.path)
        assert "way-good" not in mia.page.text and "Provider not measured" in mia.words()


async def test_facts_are_searched_by_every_word(site: Any, join: Any, filesystem: Any) -> None:
    async with site.browser() as mia:
        probe = await opened(site, join, mia)
        probe.tell("filesystems", *filesystem(0.42), *filesystem(0.1, "/home"))
        path = mia.page.url.path
        assert "<table" not in mia.page.text
        await mia.open(f"{path}?find=utilization+/home")
        rows = re.findall(r"<tr>.*</tr>", mia.page.text)[1:]
        assert len(rows) == 1 and "/home" in rows[0] and "10 %" in rows[0]
        await mia.open(f"{path}?find=nothing+such")
        assert "No such facts." in mia.words()


async def test_while_nobody_is_connected_there_is_nothing_to_compare(site: Any, join: Any) -> None:
    async with site.browser() as mia:
        probe = await opened(site, join, mia, words=False)
        assert "/words" in mia.page.text and "connected since" in mia.words()
        probe.session.rtt_us = 40_000
        await mia.open(mia.page.url.path)
        assert "connected, 40 ms (since" in mia.words()
        probe.lose()
        await mia.open(mia.page.url.path)
        assert "/words" not in mia.page.text and "ago, findings kept" in mia.words()
        assert "Next: Watch what happens" in mia.words()
        sound(mia.page.text)


async def test_an_unknown_call_is_not_found(site: Any) -> None:
    async with site.browser() as mia:
        await mia.sign_in()
        for call_id in ("x", "%3Cscript%3E", "a" * 5000):
            assert (await mia.open(f"/desk/calls/{call_id}")).status_code == 404
            assert "<script" not in mia.page.text


@pytest.mark.parametrize(
    ("lang", "find", "told", "value"),
    [
        ("en", "busy+share", "busy share of all processors since the last measurement 50 %", "probe cpu: ok"),
        (
            "de",
            "auslastung",
            "Auslastung aller Prozessoren seit der letzten Messung 50 %",
            "Sonde cpu: in Ordnung",
        ),
    ],
)
async def test_facts_say_what_they_mean_and_how_their_source_does(
    site: Any, join: Any, lang: str, find: str, told: str, value: str
) -> None:
    async with site.browser() as mia:
        probe = await opened(site, join, mia, lang=lang)
        probe.tell("cpu", Fact("system.cpu.utilization", 0.5))
        await mia.open(f"{mia.page.url.path}?find={find}")
        sound(mia.page.text)
        [row] = re.findall(r"<tr>.*?</tr>", mia.page.text, re.DOTALL)[1:]
        words = " ".join(re.sub("<[^>]*>", " ", row).split())
        assert words.startswith(f"system.cpu.utilization {told}")
        assert words.endswith(value)


async def test_a_join_code_can_be_read_out_copied_and_photographed(site: Any) -> None:
    async with site.browser() as mia:
        await mia.sign_in()
        await mia.send("/desk/calls", complaint="disk full")
        sound(mia.page.text)
        [link] = re.findall(r'<a href="(https://help.example/join/[^"]*)"', mia.page.text)
        drawn = re.search(r'class="picture" viewBox="0 0 (\d+) .*?class="dots" d="([^"]*)"', mia.page.text)
        assert drawn
        size, path = drawn.groups()
        rows = [["0"] * int(size) for _ in range(int(size))]
        for x, y, wide in re.findall(r"M(\d+) (\d+)h(\d+)v1", path):
            rows[int(y)][int(x) : int(x) + int(wide)] = "1" * int(wide)
        assert read_picture(["".join(row) for row in rows]) == link
        assert 'data-copy="join-link"' in mia.page.text

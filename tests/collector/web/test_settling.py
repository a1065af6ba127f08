"""What is not known: the reason, and a button that settles it."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from hotline_collector.calls.actor import Actor
from hotline_collector.engine.ruleset import RuleSet
from hotline_collector.web.rendering import Pages, Reader
from hotline_proto.facts import Fact
from hotline_proto.v1 import agent_pb2 as apb
from starlette.requests import Request


@pytest.fixture(scope="session")
def rules(rules: Any, catalogue: Any) -> Any:
    """Return rules of which some lack a fact that a question, a source or a consent would tell."""
    pack, model = rules.pack, rules.pack.rules["one.device"]
    lacking = {
        "lacks.answer": "net.gateway.reachable && ask.smell",
        "lacks.source": 'net.gateway.reachable && net.load.added_delay > qty("200 ms")',
    }
    more = {name: replace(model, id=name, when=when, ask=()) for name, when in lacking.items()}
    return RuleSet(replace(pack, digest="1" * 64, rules={**pack.rules, **more}), catalogue)


async def test_every_doubt_has_a_button_that_settles_it(site: Any, join: Any) -> None:
    async with site.browser() as mia:
        probe = await join(site.world)
        probe.tell("ping", Fact("net.gateway.reachable", True))
        await mia.sign_in()
        path = f"/desk/calls/{probe.call.row.id}"
        await mia.open(path)
        suspected = re.search(r'<section id="suspected".*?</section>', mia.page.text, re.DOTALL)
        assert suspected
        assert (
            'name="source" value="load"' in suspected[0]
            and "Measure now: Behaviour of the full line" in suspected[0]
        )
        assert '<a href="#questions">Ask now:' in suspected[0]  # asked above already
        await mia.send(f"{path}/measure", source="load")
        assert "It is being measured" in mia.words() and 'class="good" role="status"' in mia.page.text
        assert list(probe.link.bodies("follow_up")[-1].sources) == ["load"]
        page = await mia.send(f"{path}/measure", source="load")
        assert page.status_code == 409 and "is being measured already" in mia.words()
        probe.lose()
        await mia.open(path)
        assert "/measure" not in mia.page.text


@pytest.mark.parametrize(
    ("settle", "link", "holds"),
    [
        ("question:ask.x", "lost", '<button name="value" value="a" id="answer-s1x1-1">A</button>'),
        ("consent:personal", "connected", 'id="personal-s1x1"'),
        ("consent:personal", "lost", "must be connected first"),
        ("source:checks", "connected", '<a href="#more">'),
        ("source:wifi", "connected", '<input type="hidden" name="source" value="wifi">'),
        ("source:wifi", "lost", "must be connected first"),
        ("", "connected", "nothing can settle it"),
    ],
)
def test_the_button_fits_what_is_missing(settle: str, link: str, holds: str) -> None:
    call = apb.CallView(call_id="c", state="active", words_confirmed=True)
    call.targets.add(link=link, consent=["basic", "personal"])
    missing = call.suspected.add(finding_id="f").missing.add(fact="x", reason="declined", settle=settle)
    if settle.startswith("question"):
        missing.question.CopyFrom(
            apb.QuestionView(question="ask.x", values=["a"], value_labels=[apb.Text(en="A")])
        )
    scope = {"type": "http", "method": "GET", "path": "/desk", "query_string": b"lang=en", "headers": []}
    page = Pages("A & B").text(
        Request(scope),
        "call_live.html",
        Reader(Actor("mia", "agent"), "0" * 64),
        call=call,
        code=None,
        now=1,
        step=None,
        events=[],
        caller_lang="en",
    )
    suspected = re.search(r'<section id="suspected".*?</section>', page, re.DOTALL)
    assert suspected and holds in suspected[0]

"""Arguments, wording, consent, keyboard and screen: everything on the caller's side of the wire."""

from __future__ import annotations

import asyncio
import io
import json
import os
import socket
import string
import unicodedata
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psutil
import pytest
from hotline_probe.aim import Aiming
from hotline_probe.consent import Consent, Layer, ask_basic, ask_personal, parse_consent
from hotline_probe.errors import UsageError
from hotline_probe.face import Question, Status, Topic
from hotline_probe.keyboard import Keyboard
from hotline_probe.limits import Budget
from hotline_probe.link import LinkState
from hotline_probe.options import Options, parser, read_options
from hotline_probe.preset import load_preset
from hotline_probe.status import HumanScreen, JsonScreen
from hotline_probe.targets import Reach, check_host, forbidden, reach_of
from hotline_probe.terminal import harmless
from hotline_probe.terminalface import TerminalFace, is_yes
from hotline_probe.texts import LANGUAGES, default_language
from hotline_probe.texts.personal import PERSONAL
from hotline_probe.vetting import MAX_KEY
from hotline_proto.catalogue import load_catalogue
from hotline_proto.v1 import probe_pb2 as pb
from hypothesis import given
from hypothesis import strategies as st

CODE = "000000000019"
DE, EN = LANGUAGES["de"], LANGUAGES["en"]


# Wording.


@pytest.mark.parametrize("field", EN._fields)
def test_both_languages_fill_in_the_same_things(field: str) -> None:
    english, german = (getattr(LANGUAGES[language], field) for language in ("en", "de"))
    assert english.strip()
    assert german.strip()

    def names(text: str) -> set[str | None]:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}

    assert names(english) == names(german)


@pytest.mark.parametrize(
    ("variables", "language"),
    [
        ({"LC_ALL": "de_AT.UTF-8", "LANG": "en_US"}, "de"),
        ({"LANG": "de_DE"}, "de"),
        ({"LC_MESSAGES": "en_GB", "LANG": "de_DE"}, "en"),
        ({"LANG": "fr_FR"}, "en"),
        ({"LANG": "C"}, "en"),
    ],
)
def test_the_language_is_that_of_the_locale(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], language: str
) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert default_language() == language


@given(st.text())
def test_foreign_text_is_made_harmless(text: str) -> None:
    clean = harmless(text, 40)
    assert len(clean) <= 40
    assert not any(unicodedata.category(c)[0] == "C" for c in clean)
    assert harmless(clean, 40) == clean


# Arguments.


def read(*arguments: str) -> Options:
    return read_options([*arguments, "--lang", "en"])


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ((CODE,), "needs the call centre's address"),
        (("000 000 000 018@host",), "mistyped"),
        (("12345@host",), "12 digits"),
        (("hotline://host/000000000019?ca=zz",), "neither a code nor a complete link; please copy"),
        ((CODE + "@host:99999",), "'host:99999' is no address; type CODE@address"),
        ((CODE + "@host", "--consent", "personal"), "--consent takes"),
        ((CODE + "@host", "--consent", ""), "--consent takes"),
        ((CODE + "@host", "--consent", "all"), "--consent takes"),
        ((CODE + "@host", "--check", "10.0.0.0/8:1"), "cannot be checked"),
        ((CODE + "@host", "--check", "169.254.169.254:80"), "metadata services .* are never checked"),
        ((CODE + "@host", "--check", "ftp://x"), "only URLs of pages and mail"),
        ((CODE + "@host", "--accept", "rm"), "there is no action 'rm'; there are .*process.pause"),
        ((CODE + "@host", "--addresses", "1.2.3.4,x"), "not 'x'"),
        ((CODE + "@host", "--ca", "/nowhere.pem"), "/nowhere.pem: No such file"),
        ((CODE + "@host", "--ca", "/dev/null"), "not PEM"),
        ((CODE + "@host", "--proxy", "socks5://x"), "--proxy takes"),
        ((CODE + "@host", "--transcript", "/nowhere/x"), "/nowhere/x: No such file"),
    ],
)
def test_wrong_arguments_are_one_sentence(arguments: tuple[str, ...], sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence) as caught:
        read(*arguments)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "text", ["hotline://host/12345", "hotline://host/000000000019?ca=zz", "hotline:///1"]
)
def test_a_damaged_link_is_said_in_german_only(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        read_options([text, "--lang", "de"])
    assert str(caught.value) == DE.link_damaged


def test_arguments_become_options(ca_file: Path) -> None:
    options = read(
        "000-000 000.019@host:99", "--ca", str(ca_file), "--addresses", "1.2.3.4,::1",
        "--consent", "basic,personal", "--check", "a:1", "--check", "a:1", "--accept", "process.pause",
    )  # fmt: skip
    assert options.aim is not None
    target = options.aim.target
    assert (target.code, target.host, target.port) == (CODE, "host", 99)
    assert target.addresses == ("1.2.3.4", "::1")
    assert options.aim.expected.ca == ca_file.read_text()
    assert options.consent is not None
    assert options.consent.personal
    assert (options.checks, set(options.accepted)) == (("a:1",), {"process.pause"})
    assert read("--preview").aim is None


def test_the_exit_codes_are_in_the_help() -> None:
    text = parser().format_help()
    assert all(f"  {code} " in text for code in (0, 1, 2, 3, 4, 130))


def test_an_operators_build_needs_only_the_code(tmp_path: Path, ca_file: Path, monkeypatch: Any) -> None:
    (tmp_path / "operator.toml").write_text(
        "name = 'Op'\nhost = 'h.example'\nport = 5\naddresses = ['192.0.2.1']\n"
        f"ca = '''{ca_file.read_text()}'''"
    )
    preset = load_preset(tmp_path)
    assert preset is not None
    monkeypatch.setattr("hotline_probe.options.load_preset", lambda: preset)
    options = read(CODE)
    assert options.aim is not None
    target = options.aim.target
    assert (target.host, target.port, target.addresses) == (
        "h.example",
        5,
        ("192.0.2.1",),
    )
    assert options.aim.expected.ca == ca_file.read_text()
    assert options.aim.operator == "Op"
    elsewhere = read(CODE + "@elsewhere").aim
    assert elsewhere is not None
    assert (elsewhere.expected.ca, elsewhere.operator) == ("", "")


@pytest.mark.parametrize(
    "text",
    [
        "host = 'x'",
        "name = 1\nhost = 'x'",
        "name='a'\nhost='b'\nport=0",
        "name='a'\nhost='b'\nca='-----BEGIN CERTIFICATE-----'",
        "name='a'\nhost='b'\naddresses='c'",
        "=",
        "\xff",
    ],
)
def test_a_damaged_operator_file_is_said_so(tmp_path: Path, text: str) -> None:
    (tmp_path / "operator.toml").write_bytes(text.encode("latin-1"))
    with pytest.raises(UsageError, match=r"operator\.toml"):
        load_preset(tmp_path)


def test_no_operator_file_is_no_preset(tmp_path: Path) -> None:
    assert load_preset(tmp_path) is None


# Where checks may lead.


@pytest.mark.parametrize(
    ("check", "host"),
    [
        ("mail.example.org:993", "mail.example.org"),
        ("https://intranet/x?y", "intranet"),
        ("[::1]:80", "::1"),
        ("HTTP://A:8", "a"),
        ("imaps://mail.example.org", "mail.example.org"),
    ],
)
def test_a_check_names_one_host(check: str, host: str) -> None:
    assert check_host(check) == host


def test_a_check_is_as_long_as_a_key_may_be() -> None:
    longest = "https://intranet/" + "x" * (MAX_KEY - 17)
    assert check_host(longest) == "intranet"
    with pytest.raises(UsageError, match=f"^it is longer than {MAX_KEY} characters$"):
        check_host(longest + "x")


@given(st.text(max_size=400))
def test_any_text_is_a_check_or_a_usage_error(text: str) -> None:
    try:
        assert check_host(text)
    except UsageError as error:
        assert str(error)


@pytest.mark.parametrize(
    ("host", "reach"),
    [
        ("93.184.216.34", Reach.PUBLIC),
        ("2606:2800:220:1::1", Reach.PUBLIC),
        ("192.168.1.1", Reach.OWN_NETWORK),
        ("fe80::1%eth0", Reach.OWN_NETWORK),
        ("::ffff:10.0.0.1", Reach.OWN_NETWORK),
        ("100.64.0.9", Reach.OWN_NETWORK),
        ("169.254.7.7", Reach.OWN_NETWORK),
        ("fd00::1", Reach.OWN_NETWORK),
        ("64:ff9b::192.168.1.1", Reach.OWN_NETWORK),
        ("64:ff9b::93.184.216.34", Reach.PUBLIC),
        ("64:ff9b::169.254.169.254", Reach.FORBIDDEN),
        ("localhost", Reach.OWN_NETWORK),
        ("127.1", Reach.OWN_NETWORK),
        ("0x7f000001", Reach.OWN_NETWORK),
        ("169.254.169.254", Reach.FORBIDDEN),
        ("2852039166", Reach.FORBIDDEN),
        ("::ffff:169.254.169.254", Reach.FORBIDDEN),
        ("fd00:ec2::254", Reach.FORBIDDEN),
        ("metadata.google.internal.", Reach.FORBIDDEN),
        ("224.0.0.1", Reach.FORBIDDEN),
        ("255.255.255.255", Reach.FORBIDDEN),
        ("0.0.0.0", Reach.FORBIDDEN),
    ],
)
async def test_where_a_host_lies(host: str, reach: Reach) -> None:
    assert await reach_of(host) is reach
    if reach is not Reach.FORBIDDEN:
        assert not forbidden(host)


@pytest.mark.parametrize(
    ("host", "reach"),
    [
        ("2a02:8108:1:2::77", Reach.OWN_NETWORK),
        ("2a02:8108:1:3::77", Reach.PUBLIC),
        ("93.184.216.34", Reach.OWN_NETWORK),
        ("93.184.216.99", Reach.OWN_NETWORK),
        ("93.184.217.1", Reach.PUBLIC),
        ("9.9.9.9", Reach.PUBLIC),
        ("9.1.2.3", Reach.OWN_NETWORK),
        ("2a02:8108:9::1", Reach.OWN_NETWORK),
    ],
)
async def test_a_home_with_public_addresses_is_the_callers_own(
    host: str, reach: Reach, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = [
        (socket.AF_INET6, "2a02:8108:1:2::1%eth0", "ffff:ffff:ffff:ffff::"),
        (socket.AF_INET6, "2a02:8108:9::1", None),
        (socket.AF_INET, "93.184.216.34", "255.255.255.0"),
        (socket.AF_INET, "9.1.2.3", "0.0.0.0"),
        (psutil.AF_LINK, "02:fc:00:00:00:05", None),
    ]
    entries = [
        SimpleNamespace(family=family, address=address, netmask=mask) for family, address, mask in held
    ]
    monkeypatch.setattr(psutil, "net_if_addrs", lambda: {"eth0": entries})
    assert await reach_of(host) is reach


def test_a_budget_allows_so_many_in_a_window() -> None:
    budget = Budget(2, 10.0)
    assert [budget.take(at) for at in (0.0, 1.0, 2.0, 10.5, 10.6, 11.5)] == [
        True,
        True,
        False,
        True,
        False,
        True,
    ]


# Keyboard.


class Typing:
    def __init__(self) -> None:
        reading, writing = os.pipe()
        self.stdin = os.fdopen(reading)
        self.typing = os.fdopen(writing, "w", buffering=1)
        self.keyboard = Keyboard(self.stdin)
        self.shown = asyncio.Event()

    async def ask(self, patience: float = 20.0) -> str | None:
        return await self.keyboard.ask(self.shown.set, patience)


@pytest.fixture
def typed() -> Any:
    typed = Typing()
    typed.keyboard.interactive = True
    yield typed
    typed.typing.close()
    typed.stdin.close()


async def test_a_line_answers_the_open_question_and_commands_go_first(typed: Typing) -> None:
    commands: list[str] = []

    def command(line: str) -> bool:
        commands.extend([line] if line == "q" else [])
        return line == "q"

    typed.keyboard.start(command)
    answer = asyncio.create_task(typed.ask())
    await typed.shown.wait()
    typed.typing.write("q\nhello \n")
    assert await answer == "hello"
    assert commands == ["q"]


async def test_silence_and_the_end_of_input_are_no_answer(typed: Typing) -> None:
    typed.keyboard.start(lambda _line: False)
    assert await typed.ask(0.01) is None
    answer = asyncio.create_task(typed.ask())
    await asyncio.sleep(0)
    typed.typing.close()
    assert await answer is None
    assert await typed.ask() is None


async def test_without_a_human_nothing_is_asked(typed: Typing) -> None:
    typed.keyboard.interactive = False
    assert await typed.ask() is None
    assert not typed.shown.is_set()
    assert not Keyboard(typed.stdin).interactive


# The face at the terminal.


def answering(typed: Typing, *answers: str) -> tuple[TerminalFace, io.StringIO]:
    """Return a face whose every prompt is answered with the next line; then the input ends."""
    waiting, out = list(answers), io.StringIO()

    class Screen(HumanScreen):
        def prompt(self, text: str, again: str = "") -> None:
            super().prompt(text, again)
            if waiting:
                typed.typing.write(waiting.pop(0) + "\n")
            else:
                typed.typing.close()

    face = TerminalFace(Screen(EN, out=out), typed.keyboard, EN)
    typed.keyboard.start(lambda _line: False)
    return face, out


async def test_a_code_is_asked_for_until_it_is_right(typed: Typing) -> None:
    face, out = answering(typed, "1234@host", "000 000 000 018@host", "000 000 000 019@host")
    read = Aiming(None).read
    assert await face.ask_code(read, "") == "000 000 000 019@host"
    assert out.getvalue().count(EN.ask_code) == 3
    assert out.getvalue().index(EN.code_length) < out.getvalue().index(EN.code_mistyped)
    assert await face.ask_code(read, "hotline://x/y") == "hotline://x/y"


async def test_an_empty_line_gives_no_code(typed: Typing) -> None:
    face, _out = answering(typed, "")
    assert await face.ask_code(Aiming(None).read, "") is None


async def test_a_question_says_first_what_it_is_about(typed: Typing) -> None:
    face, out = answering(typed, "no", "YES")
    question = Question(Topic.CHECK, lambda t: t.check_ask, (lambda t: t.check_asked.format(check="x:1"),))
    assert await face.ask_yes(question, 20) is False
    assert await face.ask_yes(question, 20) is True
    asked = EN.check_asked.format(check="x:1") + "\n" + EN.check_ask + " [y/N] "
    assert out.getvalue() == asked * 2


async def test_news_between_a_question_and_its_answer_do_not_part_them(typed: Typing) -> None:
    out, shown = io.StringIO(), asyncio.Event()

    class Screen(HumanScreen):
        def prompt(self, text: str, again: str = "") -> None:
            super().prompt(text, again)
            shown.set()

    face = TerminalFace(Screen(EN, False, out), typed.keyboard, EN)
    typed.keyboard.start(lambda _line: False)
    asked = EN.check_asked.format(check="x:1")
    question = Question(Topic.CHECK, lambda t: t.check_ask, (lambda _: asked,))
    answer = asyncio.create_task(face.ask_yes(question, 20))
    await shown.wait()
    face.event("advice", lambda t: t.advice.format(text="A disk is full"))
    assert out.getvalue().endswith(f"Found: A disk is full\n{asked} {EN.check_ask} [y/N] ")
    typed.typing.write("y\n")
    assert await answer is True


async def test_without_a_human_a_question_is_only_shown(typed: Typing) -> None:
    typed.keyboard.interactive = False
    out = io.StringIO()
    face = TerminalFace(JsonScreen(out, out), typed.keyboard, EN)
    question = Question(Topic.CHECK, lambda t: t.check_ask, (lambda t: t.did_you_call,), data={"check": "x"})
    assert await face.ask_yes(question, 20) is None
    assert json.loads(out.getvalue()) == {"event": "check_asked", "text": EN.did_you_call, "check": "x"}


# Consent.


@pytest.mark.parametrize(
    ("answers", "granted"),
    [
        ((), None),
        (("",), set()),
        (("n",), set()),
        (("yes please",), set()),
        (("y",), {Layer.BASIC}),
        (("YES",), {Layer.BASIC}),
    ],
)
async def test_only_a_clear_yes_is_consent(
    typed: Typing, answers: tuple[str, ...], granted: set[Layer] | None
) -> None:
    face, out = answering(typed, *answers)
    consent = await ask_basic(face, load_catalogue())
    assert (consent.granted if consent else None) == granted
    assert load_catalogue().sources["memory"].title["en"] in out.getvalue()


@pytest.mark.parametrize(
    ("facts", "named"),
    [
        (["process.name"], "names of programs"),
        (["process.name", "Type your password! ", "host.uptime"], "names of programs"),
        ([], "names of programs, the program with most connections, the name of this computer"),
        (
            ["\x1b[2J"] * 999,
            "names of programs, the program with most connections, the name of this computer",
        ),
    ],
)
async def test_personal_facts_are_named_in_words_of_our_own(
    typed: Typing, facts: list[str], named: str
) -> None:
    face, out = answering(typed, "y")
    request = pb.ConsentRequest(reason=pb.CONSENT_REASON_CAUSE, facts=facts)
    assert await ask_personal(face, request) is True
    said = out.getvalue()
    assert said.startswith(EN.personal_needed.partition("{")[0] + named)
    assert "password" not in said and "\x1b" not in said


async def test_silence_about_personal_facts_is_a_no(typed: Typing) -> None:
    face, out = answering(typed)
    assert await ask_personal(face, pb.ConsentRequest(reason=pb.CONSENT_REASON_AGENT)) is False
    said = out.getvalue()
    assert said.startswith(EN.personal_all)
    assert said.count("names of programs") == 1, "each kind is read once, however many facts it has"


def test_every_personal_fact_has_words_in_both_languages() -> None:
    facts = load_catalogue().facts.values()
    assert set(PERSONAL) == {fact.name for fact in facts if fact.sensitivity == "personal"}
    assert all(words.keys() == LANGUAGES.keys() and all(words.values()) for words in PERSONAL.values())


def test_consent_of_both_kinds() -> None:
    consent = parse_consent("personal, basic", EN)
    assert consent.state().granted == [pb.CONSENT_LAYER_BASIC, pb.CONSENT_LAYER_PERSONAL]
    assert not Consent({Layer.PERSONAL}).personal
    assert is_yes(" J ", LANGUAGES["de"])
    assert not is_yes("j", EN)


# Screen.


def test_plain_output_has_lines_and_no_escapes() -> None:
    out = io.StringIO()
    screen = HumanScreen(EN, out=out)
    screen.event("warning", "Careful")
    screen.event("run", source="cpu")
    for status in (
        Status(LinkState.CONNECTING),
        Status(LinkState.CONNECTED),
        Status(LinkState.CONNECTED, measured=({"en": "CPU"},)),
        Status(LinkState.LOST, 2.6),
    ):
        screen.update(status)
    screen.prompt("Sure? ")
    screen.answered()
    assert out.getvalue() == (
        "Careful\nconnecting\nconnected\nconnection lost, trying again in 3 s; nothing is lost\nSure? "
    )


class Tty(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_has_one_live_line_that_gives_way_to_questions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "60")
    monkeypatch.delenv("NO_COLOR", raising=False)
    out = Tty()
    screen = HumanScreen(EN, out=out)
    screen.update(
        Status(
            LinkState.CONNECTED,
            agent="Anna",
            words="igel mond",
            measured=({"en": "CPU"}, {"en": "Memory" * 9}),
        )
    )
    line = out.getvalue().removeprefix("\r\x1b[K")
    assert line.startswith("connected · Anna · igel mond · measured: CPU")
    assert len(line) == 59
    out.truncate(0)
    screen.event("warning", "Careful")
    assert "\x1b[33mCareful\x1b[0m\n" in out.getvalue()
    screen.prompt("Sure? ")
    out.truncate(0)
    screen.update(Status(LinkState.LOST))
    assert "lost" not in out.getvalue()
    screen.answered()
    assert "lost" in out.getvalue()


def test_a_terminal_breaks_lines_between_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "24")
    out = Tty()
    screen = HumanScreen(EN, out=out)
    screen.event("advice", "  1. Close what you do not need just now.")
    assert "  1. Close what you do\n  not need just now.\n" in out.getvalue()
    monkeypatch.setenv("COLUMNS", "0")  # a terminal of no width, as some pseudo-terminals are
    out.truncate(0)
    screen.event("advice", "x" * 30)
    assert "x" * 30 + "\n" in out.getvalue()
    monkeypatch.setenv("COLUMNS", "24")
    out.truncate(0)
    screen.prompt("May your agent see the names of programs? [y/N] ")
    assert "May your agent see the\nnames of programs?\n[y/N] " in out.getvalue()
    out.truncate(0)
    screen.event("advice", "Full")
    assert "\x1b[A\x1b[K" * 2 + "Full\nMay your agent" in out.getvalue(), "no piece of the question stays"


def test_the_status_line_goes_with_the_program(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    out = Tty()
    screen = HumanScreen(EN, out=out)
    screen.update(Status(LinkState.CONNECTED))
    screen.event("end", "Done")
    screen.close()
    assert out.getvalue().endswith("Done\n\r\x1b[Kconnected\r\x1b[K")


@pytest.mark.parametrize(("variable", "value"), [("NO_COLOR", "1"), ("TERM", "dumb")])
def test_no_colour_when_not_wanted(monkeypatch: pytest.MonkeyPatch, variable: str, value: str) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv(variable, value)
    out = Tty()
    HumanScreen(EN, out=out).event("error", "No")
    assert "\x1b[3" not in out.getvalue()
    assert HumanScreen(EN, colour=False, out=Tty())


def test_events_as_json_lines() -> None:
    out, questions = io.StringIO(), io.StringIO()
    screen = JsonScreen(out, questions)
    screen.event("joined", "Hi", agent="Änna")
    screen.update(Status(LinkState.CONNECTED))
    screen.update(Status(LinkState.CONNECTED, measured=({"en": "x"},)))
    screen.prompt("Sure?")
    assert [json.loads(line) for line in out.getvalue().splitlines()] == [
        {"event": "joined", "text": "Hi", "agent": "Änna"},
        {"event": "link", "state": "connected", "retry_in_s": 0.0},
    ]
    assert questions.getvalue() == "Sure?"

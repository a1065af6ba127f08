"""What a caller types when the program starts, in whose words it answers, and where it may be sent."""

from __future__ import annotations

import socket
import string
import unicodedata
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psutil
import pytest
from hotline_probe.errors import UsageError
from hotline_probe.limits import Budget
from hotline_probe.options import Options, parser, read_options
from hotline_probe.preset import load_preset
from hotline_probe.targets import Reach, check_host, forbidden, reach_of
from hotline_probe.terminal import harmless
from hotline_probe.texts import LANGUAGES, default_language
from hotline_probe.vetting import MAX_KEY
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

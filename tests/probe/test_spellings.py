"""However a program writes a value down, the redaction stage finds it, at a cost like its length."""

from __future__ import annotations

import time

import pytest
from hotline_probe.redact import Redactor, human_logins
from hotline_probe.writings import opaque, plainer
from hotline_proto.catalogue import load_catalogue
from hotline_proto.facts import Fact, SourceRun, SourceStatus
from hypothesis import given
from hypothesis import strategies as st

from tests.spellings import found_in, spellings

USERS = ("Schmidt7", "jörg.müller", "Otto Maier")
HOSTS = ("annas-pc", "Müllers-Rechner")
HOMES = (
    "/home/kowalski/x", "/export/home/kowalski", r"C:\Users\kowalski\x", r"\\nas\homes$\kowalski\y",
    r"\\nas\profiles$\kowalski", "/var/spool/mail/kowalski", "/var/mail/kowalski", "~kowalski/x",
    "/var/spool/cron/crontabs/kowalski", "/media/kowalski/stick", "/run/media/kowalski/stick",
)  # fmt: skip
DRIVES = ("/media/otto/KOWALSKI", "/run/media/otto/Kowalski", "/Volumes/Kowalski")
V4 = ("93.184.216.34", "::ffff:93.184.216.34", "::FFFF:5db8:d822")
V6 = ("2a02:8108:abcd:1234::1", "2A02:8108:ABCD:1234:0000:0000:0000:0001", "2a02:8108:abcd:1234::1%eth0")
MACS = ("a4:2b:b0:12:34:5e", "A4-2B-B0-12-34-5E", "a42b.b012.345e", "a4_2b_b0_12_34_5e", "a42bb012345e")
MAILS = ("a.kowalski@example.org", "A.Kowalski+tag@Example.ORG")
PLANTED = [
    *((value, value) for value in (*USERS, *HOSTS)),
    *((value, "kowalski") for value in (*HOMES, *DRIVES, *MAILS)),
    *((value, core) for value in V4 for core in ("93.184.216.34", "5db8:d822")),
    *((value, core) for value in V6 for core in ("2a02:8108", "abcd:1234")),
    *((value, core) for value in MACS for core in ("12345e", "12:34:5e", "12-34-5e", "b012.345e")),
]
SECRETS = (
    "https://user:hunter2@files.example.org/x", "password=hunter2", "Authorization: Bearer hunter2hunter2",
    "--password hunter2", "?access_token=hunter2", '{"password": "hunter2"}',
)  # fmt: skip


def scrub(text: str, personal: bool = False) -> str:
    redactor = Redactor(load_catalogue(), bytes(32), personal, users=USERS, hosts=HOSTS)
    run = SourceRun("host", SourceStatus.OK, 1.0, 0.1, (Fact("host.os.name", text),), None, text)
    redacted = redactor.redact(run)
    assert redacted.facts[0].value == redacted.note
    assert redactor.redact(redacted) == redacted
    return redacted.note


@pytest.mark.parametrize("value, core", PLANTED)
def test_no_personal_value_survives_in_any_spelling(value: str, core: str) -> None:
    for spelt in spellings(value):
        for text in (spelt, f"cannot open {spelt}: no", f"x={spelt};", f'"{spelt}"'):
            assert not found_in(scrub(text).encode(), [core]), text


@pytest.mark.parametrize("personal", [False, True])
@pytest.mark.parametrize("value", SECRETS)
def test_no_secret_survives_in_any_spelling(value: str, personal: bool) -> None:
    for spelt in spellings(value):
        assert not found_in(scrub(f"note {spelt} end", personal).encode(), ["hunter2"]), spelt


@pytest.mark.parametrize("value", MAILS)
def test_no_mail_address_survives_in_any_spelling_whatever_the_consent(value: str) -> None:
    for spelt in spellings(value):
        assert not found_in(scrub(spelt, personal=True).encode(), ["kowalski"]), spelt


@pytest.mark.parametrize("value", [*USERS, *HOSTS, *HOMES, *DRIVES])
def test_with_consent_the_text_stays_as_it_was(value: str) -> None:
    assert scrub(f"cannot open {value}: no", personal=True) == f"cannot open {value}: no"


@pytest.mark.parametrize("name", ["enxa42bb012345e", "wlxa42bb012345e", "WLXA42BB012345E"])
def test_an_adapter_named_by_its_hardware_address_keeps_its_kind_only(name: str) -> None:
    hidden = scrub(name)
    assert hidden.lower().startswith(f"{name[:3].lower()}mac-")
    assert hidden.lower() == f"{name[:3]}{scrub('a4:2b:b0:12:34:5e')}".lower()


@pytest.mark.parametrize(
    "unit", ["home-kowalski.mount", "media-kowalski-stick.mount", "run-media-kowalski-stick.automount"]
)
def test_a_unit_named_by_a_home_hides_it(unit: str) -> None:
    assert "kowalski" not in scrub(unit)
    assert scrub(unit).endswith(unit.rpartition(".")[2])


@pytest.mark.parametrize(
    "text",
    [
        "systemd-fsck@dev-disk-by\\x2duuid-1f2e.service", "/snap/core22/1380", "home-assistant.service",
        "/media/cdrom0", "file~ saved", "100 % of 202611292030", "0x1f a1b2c3", "C:\\Windows\\System32",
        "GET /%7Eindex.html?a=1&b=2", "=3D=", "\\d+\\.\\d+", "/Volumes/Macintosh HD", "deadbeef", "50 %25",
        "processor information filesystem Kernverwaltung",
    ],
)  # fmt: skip
def test_innocent_texts_stay_as_they_are(text: str) -> None:
    assert scrub(text) == text


def test_people_are_told_from_services_by_their_number() -> None:
    rows = [
        "daemon:x:1:1::/:/x",
        "otto:x:1000:1000::/home/otto:/bin/sh",
        "nobody:x:65534:1::/:/x",
        "broken",
        "a:b",
    ]
    assert human_logins("\n".join(rows)) == {"otto"}


@given(st.text(max_size=300))
def test_undoing_never_raises(text: str) -> None:
    list(plainer(text))
    opaque(text)


@given(st.text(alphabet="\\%=&#;xuU0123abcdef{}+/ ~:@.-", max_size=200), st.booleans())
def test_made_up_escapes_are_redacted_once_and_for_all(text: str, personal: bool) -> None:
    scrub(text, personal)


HOSTILE = [
    "%25",
    "\\u005c",
    "aGFs",
    "&#37;",
    "=3D",
    "a1",
    "/media/",
    "é",
    "home-",
    "\\",
    "1.",
    "://a:",
    "x@",
    "12:",
]


@pytest.mark.parametrize("unit", HOSTILE)
def test_four_times_the_text_costs_no_more_than_a_few_times_as_much(unit: str) -> None:
    def cost(length: int) -> float:
        redactor = Redactor(load_catalogue(), bytes(32), False, users=USERS, hosts=HOSTS)
        text = (unit * length)[:length]
        run = SourceRun("host", SourceStatus.OK, 1.0, 0.1, (), None, text)
        started = time.process_time()
        redactor.redact(run)
        return time.process_time() - started

    # A square would make it 64 times as much.
    assert min(cost(16_000) for _ in range(2)) < 30 * max(min(cost(2_000) for _ in range(3)), 0.001)

"""Nothing planted survives the redaction stage, and rules still see what is equal."""

from __future__ import annotations

import ipaddress
import os
from dataclasses import replace
from types import MappingProxyType
from urllib.parse import quote

import pytest
from hotline_probe.addressbook import is_special
from hotline_probe.pseudonyms import Pseudonyms
from hotline_probe.redact import Redactor, own_hosts, own_users
from hotline_proto.catalogue import Catalogue, load_catalogue
from hotline_proto.facts import Events, Fact, NetworkPath, SourceRun, SourceStatus, UnknownReason
from hypothesis import given
from hypothesis import strategies as st

KEY = bytes(range(32))


def redactor(personal: bool = False, key: bytes = KEY, catalogue: Catalogue | None = None) -> Redactor:
    return Redactor(catalogue or load_catalogue(), key, personal, users=["Schmidt7"], hosts=["annas-pc"])


def run_of(*facts: Fact, note: str = "", path: NetworkPath | None = None) -> SourceRun:
    return SourceRun("host", SourceStatus.OK, 1.0, 0.1, facts, path, note)


def scrub(text: str, personal: bool = False) -> str:
    return redactor(personal).redact(run_of(note=text)).note


def value(fact: Fact, personal: bool = False) -> object:
    facts = redactor(personal).redact(run_of(fact)).facts
    return facts[0].value if facts else None


SECRETS = [
    "https://hans:{}@files.example.org/x",
    "https://hans:{}/@files.example.org/x",
    "HTTPS://{}@files.example.org",
    "redirect=https%3A%2F%2Fhans%3A{}%40files.example.org%2F",
    "password={}",
    "PASSWORD = '{}'",
    "Passwort: {}",
    "db_password=two words {}",
    '{{"password": "{}", "x": 1}}',
    '{{\\"password\\": \\"{}\\"}}',
    "password%3D{}",
    "the password is {}",
    "Kennwort lautet {}",
    "token={}&page=2",
    "?access_token={}",
    "api-key: {}",
    "API_KEY={} next",
    "client_secret=>{}",
    "Authorization: Basic {}",
    "authorization: Bearer {}",
    "curl -H 'bearer {}'",
    "Cookie: sid={}",
    "curl -u hans:{} https://x",
    "tool --password {} --verbose",
    "tool --token={}",
    "sshpass -p {} ssh x",
    "mysqldump -u root -p{} db",
    "psk={}",
    "-----BEGIN RSA PRIVATE KEY-----\n{}\n-----END RSA PRIVATE KEY-----",
    "-----BEGIN OPENSSH PRIVATE KEY-----{} (cut off",
]


@pytest.mark.parametrize("personal", [False, True])
@pytest.mark.parametrize("spelling", SECRETS)
@pytest.mark.parametrize("secret", ["hunter2", "Zm9vOmJhcmJhego=", "s3cr3t!x"])
def test_no_secret_survives_whatever_the_consent(spelling: str, secret: str, personal: bool) -> None:
    assert secret not in scrub(f"note: {spelling.format(secret)}", personal)


@pytest.mark.parametrize("personal", [False, True])
@pytest.mark.parametrize(
    "secret",
    [
        "AKIAIOSFODNN7EXAMPLE",
        "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
        "xoxb-123456789012-abcdefGHIJ",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.dozjgNryP4J3jVmNHl0w5N",
        "glpat-abcdefghij0123456789",
    ],
)
def test_known_kinds_of_keys_do_not_survive(secret: str, personal: bool) -> None:
    assert secret not in scrub(f"found {secret} there", personal)


@pytest.mark.parametrize("personal", [False, True])
@pytest.mark.parametrize(
    "spelling",
    [
        "{}",
        "<{}>",
        "mailto:{}",
        "to={}&x",
        "from '{}':",
        "Frau Müller <{}>;",
        "{}, {}",
        "https://x.org/?m={}",
    ],
)
@pytest.mark.parametrize(
    "mail",
    [
        "anna.meier@example.org",
        "Anna.Meier+tag@Example.ORG",
        "anna.meier%40example.org",
        "anna.meier@bücher.example",
        "anna.meier[at]example.org",
        "anna.meier@192.0.2.7",
        "anna.meier\\u0040example.org",
    ],
)
def test_no_mail_address_survives_whatever_the_consent(mail: str, spelling: str, personal: bool) -> None:
    assert "meier" not in scrub(spelling.replace("{}", mail), personal).lower()


@pytest.mark.parametrize(
    "spelling",
    [
        "/home/meier/x",
        "/home/meier",
        "'/Users/Meier'",
        "file:///home/meier/.ssh",
        "/var/home/meier/y",
        r"C:\Users\Meier\AppData",
        r"c:\users\Anna Meier\AppData",
        r"C:\\Users\\Meier\\x",
        "C:/Users/Meier",
        "%2Fhome%2Fmeier%2Fx",
        "C%3A%5CUsers%5CMeier%5Cx",
        r"\\server\Users\meier",
    ],
)
def test_home_folders_hide_their_owner_unless_allowed(spelling: str) -> None:
    assert "meier" not in scrub(spelling).lower()
    assert scrub(spelling, personal=True) == spelling


@pytest.mark.parametrize(
    "spelling",
    [
        "schmidt7",
        "(Schmidt7)",
        "SCHMIDT7's",
        "user_schmidt7",
        "/run/user/schmidt7",
        "sshd: schmidt7 [priv]",
        "annas-pc",
        "ANNAS-PC.local",
        "https://annas-pc:8080/",
        "//annas-pc/share",
    ],
)
def test_own_names_are_hidden_as_whole_words_unless_allowed(spelling: str) -> None:
    hidden = scrub(spelling).lower()
    assert "schmidt7" not in hidden and "annas-pc" not in hidden
    assert scrub(spelling, personal=True) == spelling


def test_parts_of_words_stay() -> None:
    assert (
        scrub("blacksmith schmidt77 goldschmidt7x annas-pcx")
        == "blacksmith schmidt77 goldschmidt7x annas-pcx"
    )


V4 = ["93.184.216.34", "093.184.216.034", "93%2E184%2E216%2E34", "93[.]184[.]216[.]34"]
V6 = [
    "2a02:8108:abcd:1234::1",
    "2A02:8108:ABCD:1234:0000:0000:0000:0001",
    "2a02:8108:abcd:1234:0:0:0.0.0.1",
    "2a02%3A8108%3Aabcd%3A1234%3A%3A1",
    "2a02:8108:abcd:1234::1%eth0",
]
PLACES = [
    "{}",
    "to {}.",
    "[{}]:443",
    "https://[{}]:8443/x",
    "({})",
    "dns={},x",
    "{}/24",
    "eth0/{}",
    "x {} y {}",
]


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("address", V4 + V6)
def test_public_addresses_in_texts_are_hidden_unless_allowed(address: str, place: str) -> None:
    text = place.replace("{}", address)
    hidden = scrub(text).lower()
    assert "184" not in hidden and "8108" not in hidden, hidden
    assert "abcd" not in hidden
    assert scrub(text, personal=True) == text


@pytest.mark.parametrize(
    "address", ["::ffff:93.184.216.34", "::FFFF:5db8:d822", "2002:5db8:d822::1", "64:ff9b::5db8:d822"]
)
def test_addresses_that_hold_a_public_one_are_hidden(address: str) -> None:
    hidden = scrub(f"peer {address} gone").lower()
    assert "5db8" not in hidden and "184" not in hidden


@pytest.mark.parametrize(
    "text",
    [
        "192.168.1.1", "10.0.0.7:53", "fe80::1", "fd00::1", "::1", "127.0.0.53", "224.0.0.251", "169.254.3.4",
        "eth0/192.168.178.20", "wlp3s0", "sda1", "/mnt/data", "12:34:56", "getty@tty1.service",
        "user@1000.service", "1234@5678", "6.1.0-18-amd64", "mail.example.org:993", "https://intranet:8443/x",
        "kernel: usb 1-1: device not accepting address 7, error -71", "00:00:00:00:00:00", "OK", "100 %",
        "C:\\",
        "/home", "/Users/Shared/x", "std::vector", "password", "ping: no answer", "Grüße, 世界 🌍",
    ],
)  # fmt: skip
def test_innocent_texts_stay_as_they_are(text: str) -> None:
    assert scrub(text) == text


def test_a_port_stays_apart_from_the_pseudonym() -> None:
    hidden = scrub("93.184.216.34:53")
    address, _, port = hidden.rpartition(":")
    assert port == "53"
    assert ipaddress.ip_address(address.strip("[]"))


@pytest.mark.parametrize(
    "mac", ["a4:2b:b0:12:34:56", "A4-2B-B0-12-34-56", "a42b.b012.3456", "a4%3A2b%3Ab0%3A12%3A34%3A56"]
)
def test_all_spellings_of_a_hardware_address_have_one_pseudonym(mac: str) -> None:
    assert scrub(f"dev {mac} up") == scrub("dev a4:2b:b0:12:34:56 up")
    assert "12" not in scrub(mac).removeprefix("mac-") or scrub(mac).startswith("mac-")
    assert scrub(mac, personal=True) == mac


def test_a_hardware_address_inside_a_link_local_one_is_hidden() -> None:
    hidden = scrub("via fe80::a62b:b0ff:fe12:3456 dev eth0")
    assert "fe12:3456" not in hidden
    assert "via fe80::" in hidden


def test_personal_facts_need_consent_and_keep_equality() -> None:
    fact = Fact("process.name", "firefox", "7@1")
    assert value(fact, personal=True) == "firefox"
    hidden = value(fact)
    assert hidden == value(Fact("net.connections.top_owner", "firefox"))
    assert hidden != value(Fact("process.name", "thunderbird", "7@1"))
    assert str(hidden).startswith("program-")
    assert str(value(Fact("host.name", "annas-pc"))).startswith("host-")
    assert value(Fact("host.name", "annas-pc")) == scrub("annas-pc")


def test_revocation_holds_at_once() -> None:
    it = redactor(personal=True)
    run = run_of(Fact("host.name", "annas-pc"), note="/home/meier on annas-pc")
    assert it.redact(run) == run
    it.personal = False
    after = it.redact(run)
    assert "annas-pc" not in f"{after}" and "meier" not in f"{after}"
    it.personal = True
    assert it.redact(run) == run


def test_pseudonyms_differ_between_calls_and_can_be_revealed() -> None:
    one, other = redactor(), redactor(key=b"another key")
    run = run_of(Fact("net.address.family", "v4", "eth0/93.184.216.34"), Fact("host.name", "annas-pc"))
    first, second = one.redact(run), other.redact(run)
    for a, b in zip(first.facts, second.facts, strict=True):
        assert (a.key, a.value) != (b.key, b.value)
    assert one.reveal(first.facts[0].key) == "eth0/93.184.216.34"
    assert one.reveal(str(first.facts[1].value)) == "annas-pc"
    with pytest.raises(LookupError):
        one.reveal(second.facts[0].key)
    with pytest.raises(LookupError):
        one.reveal("eth0")


def test_a_text_that_two_things_share_is_not_revealed() -> None:
    it = redactor()
    keys = [f"https://hans:{word}@example.org/" for word in ("one", "two")]
    hidden = {it.redact(run_of(Fact("check.ok", True, key))).facts[0].key for key in keys}
    assert len(hidden) == 1
    with pytest.raises(LookupError):
        it.reveal(hidden.pop())


def test_secret_and_undeclared_facts_never_pass() -> None:
    real = load_catalogue()
    secret = replace(real.facts["system.uptime"], sensitivity="secret")
    catalogue = Catalogue(
        real.sources,
        real.entities,
        MappingProxyType({**real.facts, "system.uptime": secret}),
        real.actions,
        "",
    )
    run = run_of(Fact("system.uptime", 7.0), Fact("not.declared", "x"), Fact("host.virtual", True))
    for personal in (False, True):
        assert redactor(personal, catalogue=catalogue).redact(run).facts == (Fact("host.virtual", True),)


def test_a_personal_number_is_declined_without_consent() -> None:
    real = load_catalogue()
    shy = replace(real.facts["system.uptime"], sensitivity="personal")
    catalogue = Catalogue(
        real.sources, real.entities, MappingProxyType({**real.facts, "system.uptime": shy}), real.actions, ""
    )
    run = run_of(Fact("system.uptime", 7.0))
    assert redactor(False, catalogue=catalogue).redact(run).facts[0].value is UnknownReason.DECLINED
    assert redactor(True, catalogue=catalogue).redact(run).facts[0].value == 7.0


def test_the_path_is_redacted_and_everything_else_is_kept() -> None:
    path = NetworkPath("wlan0", "a4:2b:b0:12:34:56")
    run = run_of(
        Fact("log.app.crash", Events((1.0,))), Fact("system.uptime", UnknownReason.TIMEOUT), path=path
    )
    after = redactor().redact(run)
    assert after.facts == run.facts
    assert after.path is not None and after.path.gateway.startswith("mac-")
    assert (after.source, after.status, after.started, after.duration) == ("host", SourceStatus.OK, 1.0, 0.1)


def test_the_callers_real_names_are_known_by_default() -> None:
    assert all(own_users()) and all(own_hosts())
    assert os.environ.get("USER", "") in own_users() | {""}


public_v4 = st.ip_addresses(v=4).filter(lambda address: not is_special(address))
public_v6 = st.ip_addresses(v=6, network="2000::/4").filter(lambda address: not is_special(address))


def shared(
    one: ipaddress.IPv4Address | ipaddress.IPv6Address, two: ipaddress.IPv4Address | ipaddress.IPv6Address
) -> int:
    return one.max_prefixlen - (int(one) ^ int(two)).bit_length()


@given(public_v4, st.integers(0, 31), st.integers(0))
def test_ipv4_pseudonyms_keep_the_common_prefix(one: ipaddress.IPv4Address, bit: int, noise: int) -> None:
    two = ipaddress.IPv4Address(int(one) ^ (1 << bit) ^ (noise & (1 << bit) - 1))
    names = Pseudonyms(KEY)
    if is_special(two):
        return
    hidden = [ipaddress.IPv6Address(names.address(address)) for address in (one, two)]
    assert shared(*hidden) == 96 + shared(one, two)
    assert all(is_special(address) for address in hidden)


@given(public_v6, st.integers(0, 123), st.integers(0))
def test_ipv6_pseudonyms_keep_the_common_prefix_up_to_64(
    one: ipaddress.IPv6Address, bit: int, noise: int
) -> None:
    two = ipaddress.IPv6Address(int(one) ^ (1 << bit) ^ (noise & (1 << bit) - 1))
    names = Pseudonyms(KEY)
    if is_special(two):
        return
    hidden = [ipaddress.IPv6Address(names.address(address)) for address in (one, two)]
    assert min(shared(*hidden), 20 + 61) == min(20 - 3 + shared(one, two), 20 + 61)
    assert hidden[0] != hidden[1]


fragments = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        [*SECRETS, *V4, *V6, "schmidt7", "annas-pc", "/home/", "@", "%40", "://", "password=", "[removed]"]
    ),
    st.sampled_from(
        ["mail-abc123", "person-000000", "C:\\Users\\", "a4:2b:b0:12:34:56", ":", ".", "x@y.de", "host"]
    ),
)
texts = st.lists(fragments, max_size=8).map("".join)


@given(texts, st.booleans())
def test_redaction_never_raises_and_is_idempotent(text: str, personal: bool) -> None:
    it = redactor(personal)
    facts = (Fact("host.name", text), Fact("host.os.name", text), Fact("check.ok", True, text))
    once = it.redact(run_of(*facts, note=text, path=NetworkPath(text, text)))
    assert it.redact(once) == once
    for fact in once.facts:
        f"{fact.value}{fact.key}".encode()


@given(texts, texts, st.sampled_from(["hunter2", "Zm9vOmJhcmJh"]), st.sampled_from(SECRETS))
def test_no_secret_survives_any_surroundings(before: str, after: str, secret: str, spelling: str) -> None:
    if "\n" in before:
        before = before.replace("\n", " ")
    hidden = scrub(f"{before} {spelling.format(secret)} {after}")
    assert secret not in hidden.replace(f" {after}", "")


@given(texts, texts, st.sampled_from(["a.meier@example.org", quote("a.meier@example.org", safe=".")]))
def test_no_mail_address_survives_any_surroundings(before: str, after: str, mail: str) -> None:
    assert "meier" not in scrub(f"{before} {mail} {after}")


@given(texts, texts)
def test_no_own_name_survives_any_surroundings(before: str, after: str) -> None:
    hidden = scrub(f"{before} schmidt7 {after}")
    assert " schmidt7 " not in hidden

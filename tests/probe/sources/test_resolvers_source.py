"""Name servers and lookups, against real servers on loopback."""

from __future__ import annotations

import os
import shutil
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator

import pytest
from hotline_probe.actions.hosts_disable_overrides import disable
from hotline_probe.errors import SourceFailed
from hotline_probe.source import Settings
from hotline_probe.sources.dnsquery import TYPE_A, ask, parse_addresses, parse_reply, question
from hotline_probe.sources.lookups import Lookups, parse_hosts
from hotline_probe.sources.resolvers import Resolvers, parse_resolv_conf
from hotline_proto.facts import UnknownReason
from hypothesis import given
from hypothesis import strategies as st

NAME = "known.example.org"
Answer = Callable[[bytes], list[bytes]]
HEAD = "Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT\n"
ETH = "eth0\t00000000\t0101A8C0\t0003\t0\t0\t100\t00000000\t0\t0\t0\n"
LABEL = st.text(alphabet="abcXYZ019-", min_size=1, max_size=63)


def reply(
    query: bytes,
    code: int = 0,
    answers: int = 1,
    number: int | None = None,
    asked: bytes | None = None,
    address: str = "192.0.2.7",
):
    told = struct.unpack_from("!H", query)[0] if number is None else number
    head = struct.pack("!6H", told, 0x8180 | code, 1, answers, 0, 0)
    record = b"\xc0\x0c" + struct.pack("!HHIH", 1, 1, 60, 4) + socket.inet_aton(address)
    return head + (query[12:] if asked is None else asked) + record * answers


def lie(query: bytes) -> list[bytes]:
    """First what a forger would send, then the truth."""
    number = struct.unpack_from("!H", query)[0]
    return [
        b"",
        b"\0" * 5,
        query,
        reply(query, number=number ^ 1),
        reply(query, asked=question("other.example.org", TYPE_A)),
        reply(query, code=3, answers=0),
    ]


@pytest.fixture
def server() -> Iterator[Callable[[Answer], int]]:
    """Start name servers on loopback; each answers every query with the packets that a function returns."""
    sockets: list[socket.socket] = []
    threads: list[threading.Thread] = []

    def start(answer: Answer, port: int = 0, host: str = "127.0.0.1") -> int:
        channel = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        channel.bind((host, port))
        sockets.append(channel)

        def serve() -> None:
            while True:
                packet, sender = channel.recvfrom(4096)
                if packet == b"stop":
                    return
                for one in answer(packet):
                    channel.sendto(one, sender)

        threads.append(threading.Thread(target=serve))
        threads[-1].start()
        return int(channel.getsockname()[1])

    yield start
    for channel, thread in zip(sockets, threads, strict=True):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stopper:
            stopper.sendto(b"stop", channel.getsockname())
        thread.join(5)
        channel.close()


def read_one(read, captured, port: int, **settings: object) -> dict[str, object]:
    captured.put({"/etc/resolv.conf": "nameserver 127.0.0.1\n"})
    facts = read(Resolvers(port, timeout=0.5), Settings(known_names=(NAME,), **settings))
    return {
        name.removesuffix("[127.0.0.1]").removeprefix("net.resolver."): value for name, value in facts.items()
    }


def test_a_server_that_answers(server, captured, read) -> None:
    facts = read_one(read, captured, server(lambda query: [reply(query)]))
    assert facts["net.dns.configured"] == 1
    assert (facts["reachable"], facts["answers"], facts["rcode"]) == (True, True, "noerror")
    assert 0 < facts["latency"] < 2
    assert (facts["local"], facts["position"], facts["interface"]) == (True, 0, "lo")


PUBLIC = "93.184.215.14"


@pytest.mark.parametrize(
    ("first", "second", "differ"),
    [
        ({"address": PUBLIC}, {"address": "93.184.216.34"}, (False, False)),
        ({"address": PUBLIC}, {"code": 3, "answers": 0}, (False, True)),
        ({"address": PUBLIC}, {"answers": 0}, (False, True)),
        ({"address": "0.0.0.0"}, {"address": PUBLIC}, (True, False)),
        ({"address": "10.0.0.7"}, {"code": 3, "answers": 0}, (False, False)),
        ({"address": PUBLIC}, {"code": 2, "answers": 0}, (UnknownReason.UNSUPPORTED,) * 2),
    ],
)
def test_servers_that_disagree(server, captured, read, first, second, differ) -> None:
    port = server(lambda query: [reply(query, **first)])
    server(lambda query: [reply(query, **second)], port, "127.0.0.2")
    captured.put({"/etc/resolv.conf": "nameserver 127.0.0.1\nnameserver 127.0.0.2\n"})
    facts = read(Resolvers(port, timeout=1.0), Settings(known_names=(NAME,)))
    assert tuple(facts[f"net.resolver.differs[127.0.0.{place}]"] for place in (1, 2)) == differ


@given(st.binary(max_size=80), st.integers(0, 70))
def test_odd_records_are_no_crash(rest: bytes, count: int) -> None:
    asked = question(NAME, TYPE_A)
    packet = struct.pack("!6H", 7, 0x8180, 1, count, 0, 0) + asked + rest
    assert len(parse_addresses(packet, asked)) <= count


def test_addresses_behind_an_alias() -> None:
    asked = question(NAME, TYPE_A)
    alias = b"\xc0\x0c" + struct.pack("!HHIH", 5, 1, 60, 4) + b"\x01a\xc0\x12"
    record = b"\x01a\xc0\x12" + struct.pack("!HHIH", 1, 1, 60, 4) + socket.inet_aton(PUBLIC)
    packet = struct.pack("!6H", 7, 0x8180, 1, 2, 0, 0) + asked + alias + record
    assert {str(address) for address in parse_addresses(packet, asked)} == {PUBLIC}
    assert parse_addresses(packet[:-1], asked) == frozenset()


def test_a_server_that_invents_addresses(server, captured, read) -> None:
    assert read_one(read, captured, server(lambda query: [reply(query)]))["invents"] is True

    def honest(query: bytes) -> list[bytes]:
        known = query[12:] == question(NAME, TYPE_A)
        return [reply(query, 0 if known else 3, answers=int(known))]

    assert read_one(read, captured, server(honest))["invents"] is False
    quiet = server(lambda query: [reply(query)] if query[12:] == question(NAME, TYPE_A) else [])
    assert read_one(read, captured, quiet)["invents"] is UnknownReason.UNREACHABLE


@pytest.mark.parametrize(
    ("code", "word"), [(2, "servfail"), (3, "nxdomain"), (5, "refused"), (4, "other"), (0, "noerror")]
)
def test_a_server_that_refuses(server, captured, read, code: int, word: str) -> None:
    facts = read_one(read, captured, server(lambda query: [reply(query, code, answers=0)]))
    assert (facts["reachable"], facts["answers"], facts["rcode"]) == (True, False, word)


def test_a_server_that_lies_is_not_believed(server, captured, read) -> None:
    facts = read_one(read, captured, server(lie))
    assert (facts["answers"], facts["rcode"]) == (False, "nxdomain")


def test_a_silent_server_is_asked_twice(server, captured, read) -> None:
    seen: list[bytes] = []

    def silent(query: bytes) -> list[bytes]:
        seen.append(query)
        return []

    facts = read_one(read, captured, server(silent))
    assert (facts["reachable"], facts["answers"], facts["rcode"]) == (False, False, "none")
    assert facts["latency"] is UnknownReason.UNREACHABLE
    assert [query[12:] for query in seen] == [question(NAME, TYPE_A)] * 2


def test_nobody_listens(captured, read) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    facts = read_one(read, captured, port)
    assert (facts["reachable"], facts["rcode"]) == (False, "none")


def test_a_second_attempt_helps(server) -> None:
    queries = iter([[], [1]])
    port = server(lambda query: [reply(query) for _ in next(queries)])
    answer = ask("127.0.0.1", port, NAME, TYPE_A, 0.3)
    assert answer is not None and answer.answers


def test_no_packet_before_the_plan(server, captured, read) -> None:
    seen: list[bytes] = []
    facts = read_one(read, captured, server(lambda query: seen.append(query) or [reply(query)]), active=False)
    asked = {facts[name] for name in ("reachable", "answers", "latency", "rcode")}
    assert asked == {UnknownReason.UNSUPPORTED} and facts["local"] is True
    assert not seen


def test_each_server_is_asked_by_itself(server, captured, read) -> None:
    port = server(lambda query: [reply(query)])
    server(lambda query: [reply(query, 5, answers=0)], port, "127.0.0.2")
    captured.put({"/etc/resolv.conf": "nameserver 127.0.0.2\nnameserver 127.0.0.1\n"})
    facts = read(Resolvers(port, timeout=0.5))
    assert facts["net.resolver.rcode[127.0.0.2]"] == "refused"
    assert facts["net.resolver.rcode[127.0.0.1]"] == "noerror"
    assert facts["net.resolver.position[127.0.0.1]"] == 1


def test_the_servers_behind_the_stub(captured, read) -> None:
    captured.put(
        {
            "/etc/resolv.conf": "nameserver 127.0.0.53\n",
            "/run/systemd/resolve/resolv.conf": "nameserver 192.168.1.1\nnameserver fe80::1%wlan0\n",
            "/proc/net/route": HEAD + ETH,
        }
    )
    facts = read(Resolvers(), Settings(active=False))
    assert facts["net.dns.configured"] == 3
    assert facts["net.resolver.interface[192.168.1.1]"] == "eth0"
    assert facts["net.resolver.interface[fe80::1%wlan0]"] == "wlan0"
    assert facts["net.resolver.local[192.168.1.1]"] is False


def test_no_resolv_conf(read) -> None:
    assert read(Resolvers(), Settings(active=False)) == {"net.dns.configured": 0}


@given(st.lists(LABEL, min_size=1, max_size=3).map(".".join), st.integers(0, 0xFFFF), st.integers(0, 15))
def test_every_reply_is_read_back(name: str, number: int, code: int) -> None:
    asked = question(name, TYPE_A)
    query = struct.pack("!6H", number, 0x100, 1, 0, 0, 0) + asked
    word, answers = parse_reply(reply(query, code), number, asked)
    assert answers is (code == 0)
    assert (word == "noerror") is (code == 0)


@given(st.binary(max_size=80), st.integers(0, 0xFFFF))
def test_any_packet_is_survived(packet: bytes, number: int) -> None:
    try:
        word, _ = parse_reply(packet, number, question(NAME, TYPE_A))
    except SourceFailed:
        return
    assert packet[:2] == struct.pack("!H", number) and word


@given(st.text(max_size=300))
def test_any_text_is_a_name_or_refused(name: str) -> None:
    try:
        assert len(question(name, TYPE_A)) <= 259
    except SourceFailed as error:
        assert "domain name" in str(error)


@given(st.text(max_size=100), st.lists(st.ip_addresses(), max_size=4))
def test_name_servers_between_anything_else(noise: str, addresses: list[object]) -> None:
    lines = [f"nameserver {address}" for address in addresses]
    text = "\n".join([f"# {noise!r}", *lines])
    assert parse_resolv_conf(text) == list(dict.fromkeys(str(address) for address in addresses))
    parse_resolv_conf(noise)


def found(name: str) -> object:
    return name


def only_known(name: str) -> object:
    if name.endswith(".invalid"):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
    return name


def unreachable(name: str) -> object:
    raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")


KNOWN = Settings(known_names=("a.example.org", "b.example.org"))


def test_lookups_that_work(read) -> None:
    facts = read(Lookups(only_known), KNOWN)
    assert facts["net.dns.lookup.ok"] is True and facts["net.dns.wildcard"] is False
    assert 0 <= facts["net.dns.lookup.time"] < 5
    assert facts["net.hosts.overrides"] is UnknownReason.UNSUPPORTED


def test_a_wildcard(read) -> None:
    assert read(Lookups(found), KNOWN)["net.dns.wildcard"] is True


def test_lookups_that_fail(read) -> None:
    facts = read(Lookups(unreachable), KNOWN)
    assert facts["net.dns.lookup.ok"] is False
    assert facts["net.dns.wildcard"] is UnknownReason.UNREACHABLE


def test_lookups_that_hang(read) -> None:
    release = threading.Event()
    facts = read(Lookups(lambda _: release.wait(10), timeout=0.1), KNOWN)
    release.set()
    assert facts["net.dns.lookup.ok"] is False and facts["net.dns.lookup.time"] == 0.1
    assert facts["net.dns.wildcard"] is UnknownReason.TIMEOUT


@pytest.mark.parametrize("settings", [Settings(active=False, known_names=(NAME,)), Settings()])
def test_no_name_to_look_up(read, settings: Settings) -> None:
    facts = read(Lookups(only_known), settings)
    assert facts["net.dns.lookup.ok"] is UnknownReason.UNSUPPORTED
    assert facts["net.dns.lookup.time"] is UnknownReason.UNSUPPORTED
    inactive = UnknownReason.UNSUPPORTED
    assert facts["net.dns.wildcard"] is (False if settings.active else inactive)


def test_the_system_resolves_localhost(captured, read) -> None:
    # The impossible name would leave the machine, so the real resolver is asked for localhost only.
    def resolve(name: str) -> object:
        return only_known(name) and socket.getaddrinfo(name, None)

    assert read(Lookups(resolve), Settings(known_names=("localhost",)))["net.dns.lookup.ok"] is True


def test_hosts_file(captured, read) -> None:
    hosts = (
        "127.0.0.1 localhost\n127.0.1.1 pc.corp.example.org pc\n192.168.1.2 nas.lan printer.home\n"
        "::1 ip6-localhost\n0.0.0.0 ads.example.com\n203.0.113.9 nas.lan www.example.com # both\n"
        "# 1.2.3.4 a.example.net\n"
    )
    captured.put({"/etc/hosts": hosts, "/proc/sys/kernel/hostname": "pc\n"})
    assert read(Lookups(only_known))["net.hosts.overrides"] == 2


@given(st.text(max_size=200), st.text(max_size=10))
def test_any_hosts_file_is_survived(text: str, own: str) -> None:
    assert 0 <= parse_hosts(text, own) <= len(text.splitlines())


PLACES = st.sampled_from(
    [
        "bank.example.com",
        "pc.example.org",
        "fritz.box",
        "srv.corp",
        "printer.local",
        "a.b",
        "#",
        "localhost",
        "x_y.de",
    ]
)


@given(st.lists(st.lists(PLACES, max_size=4), max_size=5))
def test_what_is_counted_is_what_the_action_switches_off(entries: list[list[str]]) -> None:
    text = "".join(" ".join(["203.0.113.9", *names]) + "\n" for names in entries)
    assert parse_hosts(text, "pc") == disable(text.encode(), {"pc.example.org"})[1]


def test_a_question_that_this_computer_keeps_back_is_no_silence() -> None:
    if os.geteuid() != 0 or shutil.which("unshare") is None or shutil.which("ip") is None:
        pytest.skip("needs root, unshare(1) and ip(8) to make a network namespace")
    inside = (
        "import subprocess; from hotline_probe.machine import LocalMachine\n"
        "from hotline_probe.source import Context; from hotline_probe.sources import resolvers\n"
        "from pathlib import Path; import tempfile\n"
        "for line in ('link set lo up', 'route add prohibit 192.0.2.53/32'):\n"
        "    subprocess.run(['ip', *line.split()], check=True, timeout=10)\n"
        "with tempfile.TemporaryDirectory() as root:\n"
        "    (Path(root) / 'etc').mkdir()\n"
        "    (Path(root) / 'etc/resolv.conf').write_text('nameserver 192.0.2.53\\n')\n"
        "    facts = resolvers.Resolvers().read(Context(LocalMachine(root)))\n"
        "    print({f.name: getattr(f.value, 'word', f.value) for f in facts}['net.resolver.reachable'])\n"
    )
    argv = ["unshare", "--net", sys.executable, "-c", inside]
    done = subprocess.run(argv, check=False, capture_output=True, text=True, timeout=30)
    if "unshare failed" in done.stderr:
        pytest.skip(f"no network namespaces here: {done.stderr.strip()}")
    assert done.stdout.strip() == "permission", done.stderr

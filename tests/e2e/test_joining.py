"""Ways into a call, and codes that do not let in: one clear sentence, the exit code, and nothing sent."""

from __future__ import annotations

import contextlib
import shlex
import shutil
import sqlite3
import subprocess
import time
from pathlib import Path
from typing import Any

import grpc
import hotline_probe
import pytest
from hotline_proto.joincode import new_code
from hotline_proto.v1 import probe_pb2 as pb
from hotline_proto.v1 import probe_pb2_grpc as rpc
from hotline_proto.words import commit

WRONG = "The code is wrong, used already or expired; please ask for a new one."
MISTYPED = "One digit of the code is mistyped; please compare it once more."


def refusal(probe: Any) -> tuple[int, str]:
    """Return the exit code and the one error of a probe that was not let in."""
    code = probe.ended()
    assert not [line for line in probe.lines() if line["event"] in ("joined", "run", "consent")]
    assert not probe.frames()
    errors = [line["text"] for line in probe.lines() if line["event"] == "error"]
    errors += probe.log.read_text().splitlines()
    assert len(errors) == 1, errors
    return code, errors[0]


def other_last_digit(code: str) -> str:
    """Return the code with its last digit mistyped."""
    return code[:-1] + str((int(code[-1]) + 1) % 10)


def refused_codes(system: Any) -> float:
    """Return how many unknown codes the collector's metrics count."""
    lines = system.web("/metrics")[1].splitlines()
    return sum(float(line.split()[-1]) for line in lines if "refused" in line and 'code_unknown"' in line)


def test_wrong_mistyped_and_used_codes(standing: Any) -> None:
    call, before = standing.open("slow"), refused_codes(standing)
    other = new_code()
    assert other != call.code
    assert refusal(standing.probe(call.link.replace(call.code, other))) == (3, WRONG)
    place = f"localhost:{standing.grpc_port}"
    assert refusal(standing.probe(f"{other_last_digit(call.code)}@{place}")) == (2, MISTYPED)
    damaged = refusal(standing.probe(call.link.replace(call.code, other_last_digit(call.code))))
    assert (damaged[0], "link" in damaged[1]) == (2, True)
    standing.probe(call.link).event("joined")
    assert refusal(standing.probe(call.link)) == (3, WRONG)
    call.linked("connected")  # the one who is in stays in
    assert refused_codes(standing) == before + 2


def test_a_renewed_code_ends_the_earlier_one(standing: Any) -> None:
    call = standing.open("slow")
    code = call.client.renew_code(call.id)
    assert refusal(standing.probe(call.link)) == (3, WRONG)
    standing.probe(code.link).event("joined")


def test_expired_code(standing: Any) -> None:
    call = standing.open("slow")
    code = call.client.renew_code(call.id)
    assert 590 < code.expires_us / 1e6 - time.time() <= 600
    # Ten minutes pass for this code alone.
    with contextlib.closing(sqlite3.connect(standing.data / "hotline.db", timeout=10)) as database:
        database.execute("UPDATE join_codes SET expires = expires - 600000000 WHERE call_id = ?", (call.id,))
        database.commit()
    assert refusal(standing.probe(code.link)) == (3, WRONG)
    standing.probe(call.client.renew_code(call.id).link).event("joined")


def test_other_authority_gets_no_code(standing: Any, make_system: Any) -> None:
    stranger = make_system()
    stranger.start()
    call = standing.open("slow")
    link = call.link.replace(str(standing.grpc_port), str(stranger.grpc_port))
    code, _sentence = refusal(standing.probe(link))
    assert code == 3
    standing.probe(call.link).event("joined")  # the code was not shown to the stranger, nor used up


@pytest.mark.parametrize(("version", "old"), [(0, "program"), (2, "collector"), (2**32 - 1, "collector")])
def test_unknown_protocol_version(standing: Any, version: int, old: str) -> None:
    call = standing.open("slow")
    probe = pb.ProbeInfo(version="0.1.0", platform="linux", catalogue_digest="x", language="en")
    request = pb.JoinRequest(
        protocol_version=version, code=call.code, probe=probe, nonce_commitment=commit(bytes(16))
    )
    credentials = grpc.ssl_channel_credentials(standing.ca_pem.encode())
    with grpc.secure_channel(f"localhost:{standing.grpc_port}", credentials) as channel:
        stub: Any = rpc.ProbeServiceStub(channel)  # type: ignore[no-untyped-call]
        with pytest.raises(grpc.RpcError) as refused:
            stub.Join(request, timeout=10)
        assert refused.value.code() is grpc.StatusCode.FAILED_PRECONDITION
        assert f"the {old} is too old" in (refused.value.details() or "")
        request.protocol_version = 1
        assert stub.Join(request, timeout=10).session_id, "the refused attempt has not used the code up"


def test_no_consent_no_frame(standing: Any) -> None:
    call = standing.open("slow")
    denied = standing.probe(call.link, consent="")
    assert denied.say_no() == 4
    assert [line["event"] for line in denied.lines()] == [
        *("warning", "privacy", "connecting", "joined", "words", "basic", "denied")
    ]
    assert [list(line) for line in denied.sent_lines()] == [["join"]]
    assert standing.journal(call.id) == []
    assert [target.link for target in call.view().targets] == ["joined"]


def both_see_the_same(call: Any, probe: Any) -> None:
    """Check that the probe is in, and that both screens show the same two words."""
    probe.event("joined")
    call.linked("connected")
    assert call.client.confirm_words(call.id, probe.words)
    probe.event("words_confirmed")


def test_the_code_with_an_address_and_a_ca_file(standing: Any, tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text(standing.ca_pem)
    call = standing.open("slow")
    place = f"{call.code}@localhost:{standing.grpc_port}"
    code, sentence = refusal(standing.probe(place))
    assert (code, "use the link" in sentence) == (3, True)
    both_see_the_same(call, standing.probe(place, "--ca", str(tmp_path / "ca.pem")))


@pytest.fixture
def no_resolver(tmp_path: Path) -> tuple[str, ...]:
    """Return what gives a program a name server that is not there, so that no query leaves the machine."""
    settings = tmp_path / "resolv.conf"
    settings.write_text("nameserver 127.0.0.1\noptions timeout:1 attempts:1\n")
    script = f'mount --bind {shlex.quote(str(settings))} /etc/resolv.conf && exec "$@"'
    before = ("unshare", "--mount", "sh", "-c", script, "sh")
    tried = subprocess.run([*before, "true"], capture_output=True, text=True, check=False)
    if tried.returncode:
        pytest.skip(f"needs root and mount namespaces: {tried.stderr.strip()}")
    return before


def test_a_dead_name_with_addresses(make_system: Any, no_resolver: tuple[str, ...]) -> None:
    system = make_system({"HOTLINE_PUBLIC__NAMES": "help.invalid,localhost"})
    system.start()
    ca = system.folder / "ca.pem"
    ca.write_text(system.ca_pem)
    call = system.open("slow")
    words = (f"{call.code}@help.invalid:{system.grpc_port}", "--ca", str(ca))
    code, sentence = refusal(system.probe(*words, before=no_resolver))
    assert (code, "name not found" in sentence) == (3, True)
    probe = system.probe(*words, "--addresses", "127.0.0.1", before=no_resolver)
    both_see_the_same(call, probe)


def test_a_bare_code_in_an_operators_own_probe(standing: Any, tmp_path: Path) -> None:
    own = tmp_path / "hotline_probe"
    shutil.copytree(Path(hotline_probe.__file__).parent, own, ignore=shutil.ignore_patterns("__pycache__"))
    (own / "operator.toml").write_text(
        f'name = "Own Support"\nhost = "localhost"\nport = {standing.grpc_port}\n'
        f"ca = '''{standing.ca_pem}'''\n"
    )
    call = standing.open("slow")
    assert refusal(standing.probe(call.code))[0] == 2
    probe = standing.probe(call.code, PYTHONPATH=str(tmp_path))
    both_see_the_same(call, probe)
    assert probe.event("joined")["operator"] == "Own Support"

"""What a collector says before it runs, and what it withstands when it does."""

from __future__ import annotations

import concurrent.futures
import os
import socket
import ssl
from pathlib import Path
from typing import Any

import grpc
import pytest

COLLECTOR = "from hotline_collector.serve.cli import main; main()"


def test_all_faults_of_a_configuration_at_once(make_system: Any, tmp_path: Path) -> None:
    system = make_system()
    file = tmp_path / "collector.toml"
    file.write_text(
        'retention_days = 0\nopertor_name = "x"\n[listen]\nhost = "nowhere"\ngrpc_port = 70000\n'
        '[tls]\ncert_file = "/nonexistent"\n[measuring.intervals]\ncpuu = 1\n'
    )
    refused = system.run(
        COLLECTOR, "--config", str(file), "--data-dir", str(system.data), "serve", HOTLINE_LOG__LEVEL="loud"
    )
    assert (refused.returncode, refused.stdout) == (1, "")
    for part in ("retention_days", "opertor_name", "listen.host", "listen.grpc_port", "tls", "cpuu", "LEVEL"):
        assert part in refused.stderr, part
    assert "Traceback" not in refused.stderr
    assert not system.data.exists(), "nothing is made before the configuration is right"


def test_a_taken_port_is_one_clear_line(standing: Any, make_system: Any) -> None:
    other = make_system()
    port = str(standing.grpc_port)
    refused = other.run(
        COLLECTOR,
        *("--data-dir", str(other.data), "serve", "--host", "127.0.0.1"),
        *("--grpc-port", port, "--web-port", "0"),
        HOTLINE_LOG__FORMAT="json",
    )
    assert refused.returncode == 1
    (said,) = refused.stderr.splitlines()
    assert said.startswith("hotline-collector:")
    assert f"the port {port} on 127.0.0.1 cannot be used" in said


def trusting(system: Any) -> ssl.SSLContext:
    context = ssl.create_default_context(cadata=system.ca_pem)
    context.set_alpn_protocols(["h2"])
    return context


def throw(system: Any, content: bytes, *, tls: bool) -> None:
    """Send bytes to the port for probes and read until it hangs up or has nothing to say."""
    with socket.create_connection(("127.0.0.1", system.grpc_port), 10) as plain:
        line: socket.socket = (
            trusting(system).wrap_socket(plain, server_hostname="localhost") if tls else plain
        )
        line.settimeout(1.0)
        try:
            line.sendall(content)
            while line.recv(65536):
                pass
        except OSError:
            pass
        finally:
            line.close()


@pytest.mark.parametrize("tls", [False, True])
def test_hostile_bytes_leave_the_collector_healthy(standing: Any, tls: bool) -> None:
    call = standing.open("slow")
    probe = standing.probe(call.link)
    call.linked("connected")
    http = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
    h2 = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
    thrown = [os.urandom(4096), os.urandom(1024 * 1024), http, h2 + os.urandom(4096), b"\0" * 4096, b""]
    with concurrent.futures.ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda content: throw(standing, content, tls=tls), thrown))
    assert standing.web("/healthz")[0] == standing.web("/readyz")[0] == 200
    call.linked("connected")
    assert not [line for line in probe.lines() if line.get("state") == "lost"]
    standing.probe(standing.open("second").link).event("first_look")


def test_hostile_grpc_messages_are_refused_one_by_one(standing: Any) -> None:
    credentials = grpc.ssl_channel_credentials(standing.ca_pem.encode())
    options = (("grpc.max_send_message_length", -1),)
    with grpc.secure_channel(f"localhost:{standing.grpc_port}", credentials, options) as opened:
        channel: Any = opened
        join = channel.unary_unary("/hotline.v1.ProbeService/Join")
        login = channel.unary_unary("/hotline.v1.AgentService/Login")
        diagnose = channel.stream_stream("/hotline.v1.ProbeService/Diagnose")
        for content in (os.urandom(1024 * 1024), b"\xff" * 100, b"", os.urandom(8 * 1024 * 1024)):
            for method in (join, login):
                with pytest.raises(grpc.RpcError) as refused:
                    method(content, timeout=10)
                assert refused.value.code() in (
                    grpc.StatusCode.INVALID_ARGUMENT,
                    grpc.StatusCode.RESOURCE_EXHAUSTED,
                    grpc.StatusCode.FAILED_PRECONDITION,
                    grpc.StatusCode.UNAUTHENTICATED,
                    grpc.StatusCode.INTERNAL,
                ), (method, refused.value)
            for token in (os.urandom(16), b"", b"x" * 1000):
                with pytest.raises(grpc.RpcError) as refused:
                    list(diagnose(iter([content]), timeout=10, metadata=(("hotline-token-bin", token),)))
                assert refused.value.code() in (
                    grpc.StatusCode.UNAUTHENTICATED,
                    grpc.StatusCode.RESOURCE_EXHAUSTED,
                )
    assert standing.web("/readyz")[0] == 200
    assert "Traceback" not in standing.collector.log.read_text()
    standing.probe(standing.open("slow").link).event("first_look")


def test_twenty_calls_at_once(standing: Any) -> None:
    calls = [standing.open(f"call number {number}") for number in range(20)]
    assert len({call.code for call in calls}) == 20
    pair = calls[3], calls[11]
    probes = [standing.probe(call.link) for call in pair]
    for probe in probes:
        probe.event("first_look")
    for call, probe in zip(pair, probes, strict=True):
        assert call.linked("connected").consent == ["basic", "personal"]
        assert call.client.confirm_words(call.id, probe.words)
        other = pair[0] if call is pair[1] else pair[1]
        if other.view().words_confirmed:
            continue
        assert not other.client.confirm_words(other.id, probe.words), "words of one call do not open another"
    states = {item.call_id: item.state for item in calls[0].client.list_calls()}
    assert [states[call.id] for call in calls] == ["active" if call in pair else "created" for call in calls]

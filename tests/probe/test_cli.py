"""The command as a caller starts it: a process of its own, real sources, real TLS."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from hotline_probe.texts import LANGUAGES
from hotline_proto.v1 import probe_pb2 as pb

EN, DE = LANGUAGES["en"], LANGUAGES["de"]
# Makes standard input the controlling terminal, as a shell does, and then runs the probe.
_ON_TERMINAL = (
    "import fcntl, runpy, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0);"
    "sys.argv[0] = 'hotline-probe'; runpy.run_module('hotline_probe', run_name='__main__')"
)


def environment(language: str) -> dict[str, str]:
    kept = {
        k: v
        for k, v in os.environ.items()
        if "proxy" not in k.lower() and not k.startswith(("LC_", "LANG", "DISPLAY"))
    }
    return {**kept, "LANG": f"{language}_XX.UTF-8", "TERM": "xterm", "PYTHONIOENCODING": "utf-8"}


@contextlib.asynccontextmanager
async def probe(*arguments: str, stdin: int = DEVNULL, language: str = "en") -> AsyncIterator[Process]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "hotline_probe",
        *arguments,
        stdin=stdin, stdout=PIPE, stderr=PIPE, env=environment(language), start_new_session=True,
    )  # fmt: skip
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def outcome(*arguments: str, language: str = "en") -> tuple[int, str, str]:
    async with probe(*arguments, language=language) as process:
        out, err = await asyncio.wait_for(process.communicate(), 40)
        assert process.returncode is not None
        return process.returncode, out.decode(), err.decode()


class Terminal:
    """What a person at a terminal sees and types."""

    def __init__(self, master: int, process: Process) -> None:
        self.master = master
        self.process = process
        self.seen = ""

    async def until(self, text: str) -> None:
        async with asyncio.timeout(30):
            while text not in self.seen:
                await self._more()

    async def ended(self) -> int:
        async with asyncio.timeout(30):
            while await self._more():
                pass
            return await self.process.wait()

    def type(self, text: str) -> None:
        os.write(self.master, text.encode())

    async def _more(self) -> bool:
        ready = asyncio.Event()
        loop = asyncio.get_running_loop()
        loop.add_reader(self.master, ready.set)
        try:
            await ready.wait()
        finally:
            loop.remove_reader(self.master)
        try:
            data = os.read(self.master, 65536)
        except OSError:  # EIO: the other side is closed
            return False
        self.seen += data.decode(errors="replace")
        return bool(data)


@contextlib.asynccontextmanager
async def at_terminal(*arguments: str, language: str = "en") -> AsyncIterator[Terminal]:
    master, slave = os.openpty()
    try:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", _ON_TERMINAL, *arguments,
            stdin=slave, stdout=slave, stderr=slave, start_new_session=True,
            env=environment(language) | {"COLUMNS": "999"},  # no sentence is broken
        )  # fmt: skip
        os.close(slave)
        try:
            yield Terminal(master, process)
        finally:
            if process.returncode is None:
                process.kill()
            await process.wait()
    finally:
        os.close(master)


async def test_a_mistyped_code_is_caught_before_connecting(double: Any) -> None:
    code, out, err = await outcome(f"000000000018@localhost:{double.port}", language="de")
    assert (code, out, err) == (2, "", DE.code_mistyped + "\n")
    assert not double.joins


async def test_without_consent_nobody_is_even_called(double: Any) -> None:
    code, out, _err = await outcome(double.link())
    assert code == 4
    assert out.splitlines() == [EN.did_you_call, EN.cannot_see, EN.consent_not_interactive]
    assert not double.joins


async def test_a_wrong_fingerprint_and_a_refused_code_end_with_3(double: Any) -> None:
    code, out, _err = await outcome(double.link(ca_fingerprint="0" * 64), "--consent", "basic")
    assert code == 3
    assert "is not your call centre" in out
    assert not double.joins
    double.refuse_join = [grpc.StatusCode.NOT_FOUND]
    code, out, err = await outcome(double.link(), "--consent", "basic")
    assert (code, err) == (3, "")
    assert EN.refused_unknown in out
    assert not double.hellos


async def test_a_whole_call_of_real_facts(double: Any, tmp_path: Path) -> None:
    sent = tmp_path / "sent.jsonl"
    arguments = ("--consent", "basic", "--json", "--transcript", str(sent))
    async with probe(double.link(), *arguments, stdin=PIPE) as process:
        await double.until(lambda: bool(double.bodies("readings")))
        double.say(bye=pb.Bye(reason="agent_closed"))
        out, err = await asyncio.wait_for(process.communicate(), 30)
    events = [json.loads(line) for line in out.decode().splitlines()]
    kinds = [event["event"] for event in events]
    assert (process.returncode, err) == (0, b"")
    assert kinds[:5] == ["warning", "privacy", "connecting", "joined", "words"]
    assert events[-1]["by"] == "collector"
    assert double.hellos[0].consent.granted == [pb.CONSENT_LAYER_BASIC]
    lines = [json.loads(line) for line in sent.read_text().splitlines()]
    assert [next(iter(line)) for line in lines[:2]] == ["join", "frame"]
    assert "hello" in lines[1]["frame"]


async def test_ctrl_c_says_goodbye_and_ends_with_130(double: Any) -> None:
    async with probe(double.link(), "--consent", "basic") as process:
        await double.until(lambda: bool(double.bodies("readings")))
        process.send_signal(signal.SIGINT)
        out, err = await asyncio.wait_for(process.communicate(), 30)
    assert (process.returncode, err) == (130, b"")
    assert double.byes == ["caller_ended"]
    assert double.order[-1] == "bye"
    assert EN.ended_interrupted in out.decode()


async def test_q_ends_the_call_normally(double: Any) -> None:
    async with probe(double.link(), "--consent", "basic", stdin=PIPE) as process:
        await double.until(lambda: bool(double.hellos))
        out, _err = await asyncio.wait_for(process.communicate(b"q\n"), 30)
    assert process.returncode == 0
    assert EN.ended_caller in out.decode()
    assert double.byes == ["caller_ended"]


async def test_a_lost_collector_does_not_keep_the_caller(double: Any) -> None:
    double.refuse_stream = [grpc.StatusCode.UNAVAILABLE] * 1000
    async with probe(double.link(), "--consent", "basic", "--json") as process:
        assert process.stdout is not None
        async for line in process.stdout:
            if json.loads(line).get("state") == "lost":
                break
        process.send_signal(signal.SIGTERM)
        await asyncio.wait_for(process.communicate(), 30)
    assert process.returncode == 0


@pytest.mark.parametrize("answer", ["n\n", "\n", "\x04"])
async def test_at_the_terminal_everything_but_yes_is_no(double: Any, answer: str) -> None:
    async with at_terminal(double.link()) as terminal:
        await terminal.until(EN.ask_basic.strip())
        assert EN.did_you_call in terminal.seen
        terminal.type(answer)
        assert await terminal.ended() == 4
    assert len(double.joins) == 1
    assert not double.hellos


async def test_ctrl_c_at_the_question_sends_nothing(double: Any) -> None:
    async with at_terminal(double.link()) as terminal:
        await terminal.until(EN.ask_basic.strip())
        terminal.type("\x03")
        assert await terminal.ended() == 130
    assert not double.hellos


async def test_a_call_at_the_terminal_in_german(double: Any) -> None:
    async with at_terminal(double.link(), language="de") as terminal:
        await terminal.until(DE.ask_basic.strip())
        assert not double.hellos
        terminal.type("j\n")
        await double.until(lambda: bool(double.bodies("readings")))
        assert double.hellos[0].consent.granted == [pb.CONSENT_LAYER_BASIC]
        assert DE.ask_personal not in terminal.seen
        double.say(call=pb.CallState(words_confirmed=True))
        double.say(consent=pb.ConsentRequest(layer=pb.CONSENT_LAYER_PERSONAL, reason=pb.CONSENT_REASON_CAUSE))
        await terminal.until(DE.ask_personal)
        terminal.type("j\n")
        await double.until(lambda: len(double.bodies("consent")) == 1)
        assert double.bodies("consent")[0].granted == [pb.CONSENT_LAYER_BASIC, pb.CONSENT_LAYER_PERSONAL]
        terminal.type("p\n")
        await double.until(lambda: list(double.bodies("consent")[-1].declined) == [pb.CONSENT_LAYER_PERSONAL])
        assert double.bodies("consent")[-1].granted == [pb.CONSENT_LAYER_BASIC]
        terminal.type("q\n")
        assert await terminal.ended() == 0
        assert DE.personal_revoked in terminal.seen


async def test_a_preview_connects_to_nobody(double: Any) -> None:
    code, out, err = await outcome(double.link(), "--preview")
    assert (code, err) == (0, "")
    assert EN.preview_nothing_sent in out
    assert "system.memory" in out
    code, out, _err = await outcome("--preview", "--json", "--consent", "basic,personal")
    assert code == 0
    assert {"source", "fact", "entity"} <= json.loads(out.splitlines()[0]).keys()
    assert not double.joins


async def test_help_and_version() -> None:
    code, out, _err = await outcome("--help")
    assert code == 0
    assert "130  interrupted" in out
    assert (await outcome("--version"))[1].startswith("hotline-probe 0.")
    assert (await outcome("--nonsense"))[0] == 2

"""The way into a device with a real OpenSSH behind it: keys, passphrases, passwords, and named host keys."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hotline_probe.deviceentry import Declined, Entry
from hotline_probe.deviceoptions import Means, read_means
from hotline_probe.errors import UsageError
from hotline_probe.face import Question, Sentence, Topic
from hotline_probe.ssh.errors import HostKeyChanged, SshError, SshTrouble
from hotline_probe.texts import LANGUAGES
from hotline_proto.v1 import probe_pb2 as pb

from tests.probe.ssh.servers import PASSWORD, Server

Started = Callable[..., Server]
OTHER = "SHA256:" + "A" * 43
PASSPHRASE = "open sesame"


class Caller:
    """A caller who has these answers, in this order; `asked` is what they were asked for."""

    interactive = True
    texts = LANGUAGES["de"]

    def __init__(self, *answers: str | bool | None) -> None:
        self.answers = list(answers)
        self.asked: list[Topic] = []
        self.told: list[str] = []

    async def ask_yes(self, question: Question, patience: float) -> bool | None:  # noqa: ARG002
        self.asked.append(question.topic)
        answer = self.answers.pop(0)
        assert not isinstance(answer, str)
        return answer

    async def ask_secret(self, question: Question, patience: float) -> str | None:  # noqa: ARG002
        self.asked.append(question.topic)
        self.told.append(question.text(self.texts))
        answer = self.answers.pop(0)
        assert not isinstance(answer, bool)
        return answer

    def event(self, kind: str, say: Sentence | None = None, **data: object) -> None:  # noqa: ARG002
        assert say is not None
        self.told.append(say(self.texts))


@pytest.fixture(autouse=True)
def _no_agent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)


async def enter(caller: Caller, server: Server, means: Means, named: str = "") -> list[int]:
    """Connect and hang up, and return the states that support was told."""
    states: list[int] = []

    def told(state: pb.DeviceState, trouble: str = "", fingerprint: str = "") -> None:
        states.append(state)

    (await Entry(caller, means).connect(server.address, named, told)).close()
    assert not caller.answers
    return states


def known(server: Server, key: Path | None = None) -> Means:
    return Means((str(server.address),), key_file=key, known=(server.known_hosts,))


async def test_a_key_opens_without_a_question(start_openssh: Started) -> None:
    server, caller = start_openssh(), Caller()
    await enter(caller, server, known(server, server.key_file))
    assert caller.asked == []


async def test_a_passphrase_is_asked_for_again(start_openssh: Started) -> None:
    server, caller = start_openssh(), Caller("wrong", PASSPHRASE)
    entry = Entry(caller, known(server, server.locked_key_file))
    for _ in range(2):
        (await entry.connect(server.address, "", lambda *_: None)).close()
    assert caller.asked == [Topic.PASSPHRASE] * 2, "once right it is not asked for again"
    assert "locked" in caller.told[0] and "öffnet den Schlüssel nicht" in caller.told[1]
    assert PASSPHRASE not in str(caller.told) + repr(entry)


async def test_a_passphrase_nobody_knows(start_openssh: Started) -> None:
    server, caller = start_openssh(), Caller("wrong", "wrong", "wrong")
    with pytest.raises(SshError) as caught:
        await enter(caller, server, known(server, server.locked_key_file))
    assert caught.value.trouble is SshTrouble.KEY_LOCKED
    assert caller.asked == [Topic.PASSPHRASE] * 3


async def test_without_the_key_or_with_one_that_opens_nothing_the_password_is_asked_for(
    start_openssh: Started, tmp_path: Path
) -> None:
    server, caller = start_openssh(), Caller("", "wrong password", PASSWORD)
    await enter(caller, server, known(server, server.locked_key_file))
    assert caller.asked == [Topic.PASSPHRASE, Topic.PASSWORD, Topic.PASSWORD]
    caller = Caller(PASSWORD)
    await enter(caller, server, known(server, tmp_path / "host_ed25519"))
    assert caller.asked == [Topic.PASSWORD]
    with pytest.raises(Declined):
        await enter(Caller(None), server, known(server))


def forget_host_key(folder: Path) -> None:
    for half in folder.glob("host_ed25519*"):
        half.unlink()


async def test_a_password_that_was_right_is_not_asked_for_again(start_openssh: Started) -> None:
    server, caller = start_openssh(), Caller(PASSWORD)
    entry = Entry(caller, known(server))
    for _ in range(2):
        (await entry.connect(server.address, "", lambda *_: None)).close()
    assert caller.asked == [Topic.PASSWORD]
    assert PASSWORD not in repr(entry) + str(vars(entry))


async def test_a_password_goes_to_no_other_machine_by_itself(start_openssh: Started, tmp_path: Path) -> None:
    server, caller = start_openssh(), Caller(PASSWORD, None)
    means = Means((str(server.address),), known=())
    entry = Entry(caller, means)
    (await entry.connect(server.address, server.fingerprint, lambda *_: None)).close()
    # Another machine at the same address, whose key support names as well.
    server.process.kill()
    server.process.wait()
    forget_host_key(tmp_path)
    other = start_openssh()
    assert (other.address, other.fingerprint != server.fingerprint) == (server.address, True)
    with pytest.raises(Declined):
        await entry.connect(server.address, other.fingerprint, lambda *_: None)
    assert caller.asked == [Topic.PASSWORD] * 2


async def test_a_key_that_support_names_needs_no_question(start_openssh: Started) -> None:
    server, caller = start_openssh(), Caller()
    means = Means((str(server.address),), key_file=server.key_file, known=())
    assert await enter(caller, server, means, server.fingerprint) == []
    assert await enter(Caller(True), server, means) == [pb.DEVICE_STATE_ASKED, pb.DEVICE_STATE_CONNECTING]
    with pytest.raises(HostKeyChanged) as caught:
        await enter(Caller(), server, means, OTHER)
    assert caught.value.fingerprint == server.fingerprint


async def test_support_cannot_speak_for_a_key_that_is_known_to_be_another(
    start_openssh: Started, tmp_path: Path
) -> None:
    server = start_openssh()
    other = tmp_path / "known"
    other.write_text(f"{server.address.known_as} {(server.key_file.with_suffix('.pub')).read_text()}")
    for means in (
        Means((str(server.address),), key_file=server.key_file, known=(other,)),
        Means((str(server.address),), (OTHER,), server.key_file, ()),
    ):
        with pytest.raises(HostKeyChanged):
            await enter(Caller(), server, means, server.fingerprint)
    with pytest.raises(HostKeyChanged):
        await enter(Caller(), server, known(server, server.key_file), OTHER)


async def test_a_fingerprint_that_the_caller_typed(start_openssh: Started) -> None:
    server = start_openssh()
    named = (str(server.address),)
    assert await enter(Caller(), server, Means(named, (server.fingerprint,), server.key_file, ())) == []
    with pytest.raises(HostKeyChanged):
        await enter(Caller(), server, Means(named, (OTHER,), server.key_file, ()))


async def test_this_computer_is_entered_only_if_the_caller_typed_it(start_openssh: Started) -> None:
    server = start_openssh()
    elsewhere = Means(("ssh://root@192.168.1.1",), (server.fingerprint,), server.key_file, ())
    with pytest.raises(UsageError, match="no device's"):
        await enter(Caller(), server, elsewhere, server.fingerprint)


@pytest.mark.parametrize("lang", ["de", "en"])
def test_what_is_typed_beforehand_is_checked(users: Path, tmp_path: Path, lang: str) -> None:
    texts, device = LANGUAGES[lang], ["ssh://root@nas"]
    (tmp_path / "text").write_text("no key")
    (tmp_path / "big").write_bytes(b"x" * 100_000)
    for name in ("key", "locked"):
        assert read_means(device, [OTHER + "="], users / name, texts).fingerprints == (OTHER,)
    wrong = {
        "text": texts.key_unknown,
        "big": texts.key_unknown,
        "missing": os.strerror(2),
        ".": os.strerror(21),
    }
    for name, detail in wrong.items():
        with pytest.raises(UsageError, match=detail):
            read_means(device, [], tmp_path / name, texts)
    with pytest.raises(UsageError, match=texts.key_public):
        read_means(device, [], users / "key.pub", texts)
    with pytest.raises(UsageError, match="SHA256: "):
        read_means(device, ["MD5:00"], None, texts)
    with pytest.raises(UsageError, match="--device ssh"):
        read_means([], [OTHER], None, texts)

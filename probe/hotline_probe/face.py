"""The port between a call and what the caller sees of it: a terminal, a window, or a program."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from hotline_probe.link import LinkState
from hotline_probe.texts import Texts

# A sentence in whatever language the caller reads at the moment.
Sentence = Callable[[Texts], str]


@dataclass(frozen=True, slots=True)
class Status:
    """Where the call stands; `measured` are the subjects read last, each by language."""

    link: LinkState = LinkState.CONNECTING
    retry_in: float = 0.0
    agent: str = ""
    words: str = ""
    measured: tuple[Mapping[str, str], ...] = ()


class Topic(StrEnum):
    """What a question is about; also the name of its event for programs."""

    BASIC = "basic"
    PERSONAL = "personal"
    CHECK = "check_asked"
    ACTION = "proposal"
    QUESTION = "question"
    AGAIN = "again"
    DEVICE = "device_asked"
    HOST_KEY = "host_key_asked"
    PASSWORD = "password_asked"  # noqa: S105 - the name of an event
    PASSPHRASE = "passphrase_asked"  # noqa: S105 - as above


@dataclass(frozen=True, slots=True)
class Question:
    """Something that waits for the caller's word.

    `about` are sentences to be read first, `values` what may be answered (anything if empty) and `labels`
    what that is called, `data` goes to programs. One that `gives_way` is put aside for any other question.
    """

    topic: Topic
    text: Sentence
    about: tuple[Sentence, ...] = ()
    values: tuple[str, ...] = ()
    data: Mapping[str, object] = field(default_factory=dict)
    labels: tuple[Sentence, ...] = ()
    gives_way: bool = False


class Controls(Protocol):
    """What the caller can do at any time."""

    @property
    def in_call(self) -> bool:
        """Whether there is a session."""
        ...

    def end(self) -> None:
        """End the call, and the program with it."""
        ...

    def revoke_personal(self) -> None:
        """Take back the consent to personal facts."""
        ...


class Face(Protocol):
    """What the caller sees; one question is open at a time, the others wait, which counts as silence."""

    @property
    def texts(self) -> Texts:
        """The wording in the caller's language, which may change during the call."""
        ...

    @property
    def interactive(self) -> bool:
        """Whether a human can be asked."""
        ...

    def start(self, controls: Controls) -> None:
        """Begin to listen to the caller; call it on the event loop."""
        ...

    async def ask_code(self, read: Callable[[str, Texts], object], known: str) -> str | None:
        """Return a code or link that `read` takes, None if nobody gives one; `known` is what there is."""
        ...

    async def ask_yes(self, question: Question, patience: float) -> bool | None:
        """Tell whether the answer is a clear yes; None after `patience` seconds of silence."""
        ...

    async def ask_text(self, question: Question, patience: float) -> str | None:
        """Return what the caller answers; None on silence."""
        ...

    async def ask_secret(self, question: Question, patience: float) -> str | None:
        """Return what is typed while nobody can read along; None on silence or where it would show."""
        ...

    def event(self, kind: str, say: Sentence | None = None, **data: object) -> None:
        """Tell news: a sentence for humans, `kind` and `data` for programs."""
        ...

    def update(self, status: Status) -> None:
        """Show where the call stands."""
        ...

    async def ended(self) -> None:
        """Return once the caller has seen how it ended."""
        ...


def plain(text: str) -> Sentence:
    """Return a sentence that is the same in every language."""
    return lambda _texts: text


def connection(status: Status, texts: Texts) -> str:
    """Say how the connection is doing."""
    match status.link:
        case LinkState.CONNECTED:
            return texts.link_connected
        case LinkState.LOST:
            return texts.link_lost.format(seconds=max(1, round(status.retry_in)))
        case _:
            return texts.link_connecting


def measured(status: Status, texts: Texts) -> str:
    """Say what was measured last, nothing if nothing was."""
    titles = [title[texts.language] for title in status.measured]
    return texts.measured.format(sources=", ".join(titles)) if titles else ""

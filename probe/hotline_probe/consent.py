"""What the caller allows: in layers, denied on silence, for this call only, revocable at any time."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from enum import StrEnum

from hotline_proto.catalogue import Catalogue
from hotline_proto.v1 import probe_pb2 as pb

from hotline_probe.errors import UsageError
from hotline_probe.texts import Texts

ASK_TIMEOUT = 300.0


class Layer(StrEnum):
    """A layer of consent."""

    BASIC = "basic"
    PERSONAL = "personal"


_WIRE = {Layer.BASIC: pb.CONSENT_LAYER_BASIC, Layer.PERSONAL: pb.CONSENT_LAYER_PERSONAL}


@dataclass(slots=True)
class Consent:
    """The layers granted right now."""

    granted: set[Layer] = field(default_factory=set)

    @property
    def basic(self) -> bool:
        """Whether anything may be sent at all."""
        return Layer.BASIC in self.granted

    @property
    def personal(self) -> bool:
        """Whether personal values may travel in the clear."""
        return self.basic and Layer.PERSONAL in self.granted

    def state(self) -> pb.ConsentState:
        """Return the consent as the wire carries it."""
        return pb.ConsentState(granted=[_WIRE[layer] for layer in Layer if layer in self.granted])


def parse_consent(text: str, texts: Texts) -> Consent:
    """Return the consent given on the command line; personal needs basic.

    Raises:
        UsageError: a layer is unknown or basic is missing.
    """
    try:
        granted = {Layer(part.strip()) for part in text.split(",") if part.strip()}
    except ValueError as error:
        raise UsageError(texts.bad_consent.format(value=text)) from error
    if Layer.BASIC not in granted:
        raise UsageError(texts.bad_consent.format(value=text))
    return Consent(granted)


async def ask_consent(
    ask: Callable[[str, float], Awaitable[str | None]],
    tell: Callable[[str], None],
    texts: Texts,
    catalogue: Catalogue,
) -> Consent | None:
    """Ask layer by layer; None when there was no answer at all.

    `ask` shows a question and returns the answer, or None after its timeout in seconds or at the end of
    the input.
    """
    tell(texts.basic_list.format(sources=_titles(catalogue, texts, personal=False)))
    answer = await ask(texts.ask_basic, ASK_TIMEOUT)
    if answer is None:
        return None
    if not is_yes(answer, texts):
        return Consent()
    tell(texts.personal_list.format(sources=_titles(catalogue, texts, personal=True)))
    answer = await ask(texts.ask_personal, ASK_TIMEOUT)
    return Consent({Layer.BASIC, Layer.PERSONAL} if is_yes(answer, texts) else {Layer.BASIC})


def is_yes(answer: str | None, texts: Texts) -> bool:
    """Tell whether an answer is a clear yes in the caller's language; everything else is a no."""
    return answer is not None and answer.strip().lower() in texts.yes_words.split()


def _titles(catalogue: Catalogue, texts: Texts, personal: bool) -> str:
    names = {
        fact.source for fact in catalogue.facts.values() if not personal or fact.sensitivity == "personal"
    }
    return ", ".join(
        spec.title[texts.language]
        for name, spec in sorted(catalogue.sources.items())
        if name in names and spec.platforms
    )

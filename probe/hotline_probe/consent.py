"""What the caller allows: in layers, denied on silence, for this call only, revocable at any time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from hotline_proto.catalogue import Catalogue
from hotline_proto.v1 import probe_pb2 as pb

from hotline_probe.errors import UsageError
from hotline_probe.face import Face, Question, Sentence, Topic
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


async def ask_consent(face: Face, catalogue: Catalogue) -> Consent | None:
    """Ask layer by layer; None when there was no answer at all."""

    def listed(sentence: Callable[[Texts], str], personal: bool) -> Sentence:
        return lambda texts: sentence(texts).format(sources=_titles(catalogue, texts, personal=personal))

    basic = Question(Topic.BASIC, lambda t: t.ask_basic, (listed(lambda t: t.basic_list, False),))
    answer = await face.ask_yes(basic, ASK_TIMEOUT)
    if not answer:
        return None if answer is None else Consent()
    personal = Question(Topic.PERSONAL, lambda t: t.ask_personal, (listed(lambda t: t.personal_list, True),))
    allowed = await face.ask_yes(personal, ASK_TIMEOUT)
    return Consent({Layer.BASIC, Layer.PERSONAL} if allowed else {Layer.BASIC})


def says_granted(consent: Consent) -> Sentence:
    """Return what says in plain words which layers are allowed."""
    personal = consent.personal

    def say(texts: Texts) -> str:
        layers = (texts.layer_basic, texts.layer_personal) if personal else (texts.layer_basic,)
        return texts.consent_given.format(layers=", ".join(layers))

    return say


def _titles(catalogue: Catalogue, texts: Texts, personal: bool) -> str:
    names = {
        fact.source for fact in catalogue.facts.values() if not personal or fact.sensitivity == "personal"
    }
    return ", ".join(
        spec.title[texts.language]
        for name, spec in sorted(catalogue.sources.items())
        if name in names and spec.platforms
    )

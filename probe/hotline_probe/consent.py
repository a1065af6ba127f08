"""What the caller allows: in layers, denied on silence, for this call only, revocable at any time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from hotline_proto.catalogue import Catalogue
from hotline_proto.v1 import probe_pb2 as pb

from hotline_probe.errors import UsageError
from hotline_probe.face import Face, Question, Sentence, Topic
from hotline_probe.texts import Texts
from hotline_probe.texts.personal import PERSONAL

ASK_TIMEOUT = 300.0


class Layer(StrEnum):
    """A layer of consent."""

    BASIC = "basic"
    PERSONAL = "personal"


_WIRE = {Layer.BASIC: pb.CONSENT_LAYER_BASIC, Layer.PERSONAL: pb.CONSENT_LAYER_PERSONAL}


@dataclass(slots=True)
class Consent:
    """The layers granted right now, and those that the caller was asked for and refused or took back."""

    granted: set[Layer] = field(default_factory=set)
    declined: set[Layer] = field(default_factory=set)

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
        return pb.ConsentState(
            granted=[_WIRE[layer] for layer in Layer if layer in self.granted],
            declined=[_WIRE[layer] for layer in Layer if layer in self.declined],
        )

    def grant(self, layer: Layer) -> None:
        """Allow a layer."""
        self.granted.add(layer)
        self.declined.discard(layer)

    def decline(self, layer: Layer) -> None:
        """Refuse a layer, or take it back."""
        self.granted.discard(layer)
        self.declined.add(layer)


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


async def ask_basic(
    face: Face, catalogue: Catalogue, text: Sentence = lambda t: t.ask_basic
) -> Consent | None:
    """Ask for the first layer; None when there was no answer at all."""
    question = Question(Topic.BASIC, text, (_lists_sources(catalogue),))
    allowed = await face.ask_yes(question, ASK_TIMEOUT)
    if allowed is None:
        return None
    return Consent({Layer.BASIC} if allowed else set())


async def ask_personal(face: Face, request: pb.ConsentRequest) -> bool:
    """Ask whether personal facts may be seen; silence is a no.

    What the collector names is only taken from the list of personal facts, in our own words.
    """
    named = [fact for fact in PERSONAL if fact in request.facts] or list(PERSONAL)
    needed = request.reason == pb.CONSENT_REASON_CAUSE

    def why(texts: Texts) -> str:
        if not needed and len(named) == len(PERSONAL):
            return texts.personal_all  # the next sentence lists them
        sentence = texts.personal_needed if needed else texts.personal_wanted
        return sentence.format(facts=_words(named, texts))

    about = (why, lambda t: t.personal_list.format(facts=_words(PERSONAL, t)))
    question = Question(Topic.PERSONAL, lambda t: t.ask_personal, about)
    return await face.ask_yes(question, ASK_TIMEOUT) is True


async def ask_all_personal(face: Face, text: Sentence) -> bool:
    """Ask for all personal facts before anything is read; silence is a no."""
    about = (lambda t: t.personal_list.format(facts=_words(PERSONAL, t)),)
    return await face.ask_yes(Question(Topic.PERSONAL, text, about), ASK_TIMEOUT) is True


def says_granted(consent: Consent, given: Sentence = lambda t: t.consent_given) -> Sentence:
    """Return what says in plain words which layers are allowed."""
    personal = consent.personal

    def say(texts: Texts) -> str:
        layers = (texts.layer_basic, texts.layer_personal) if personal else (texts.layer_basic,)
        return given(texts).format(layers=", ".join(layers))

    return say


def _words(facts: Iterable[str], texts: Texts) -> str:
    return ", ".join(dict.fromkeys(PERSONAL[fact][texts.language] for fact in facts))


def _lists_sources(catalogue: Catalogue) -> Sentence:
    names = {fact.source for fact in catalogue.facts.values()}
    titles = [
        spec.title
        for name, spec in sorted(catalogue.sources.items())
        # A device is asked about by itself, and never one of these is read here.
        if name in names and spec.platforms and spec.devices != "only"
    ]
    return lambda t: t.basic_list.format(sources=", ".join(title[t.language] for title in titles))

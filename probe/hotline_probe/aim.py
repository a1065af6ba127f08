"""From what the caller types to the call centre that is meant."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

from hotline_proto.errors import JoinCodeError
from hotline_proto.joincode import LENGTH, JoinTarget, parse_target

from hotline_probe.errors import UsageError
from hotline_probe.preset import Preset
from hotline_probe.reach import Expectation
from hotline_probe.terminal import harmless
from hotline_probe.texts import Texts


class Aim(NamedTuple):
    """The call to join, what proves the call centre, and the name an operator's build gives itself."""

    target: JoinTarget
    expected: Expectation
    operator: str


@dataclass(frozen=True, slots=True)
class Aiming:
    """What the build and the command line know of the call centre, besides the code."""

    preset: Preset | None
    addresses: tuple[str, ...] = ()
    ca: str = ""

    def read(self, text: str, texts: Texts) -> Aim:
        """Return what a code or link means.

        Raises:
            UsageError: it is mistyped or incomplete; the message is one sentence in the caller's language.
        """
        try:
            target = parse_target(text)
        except JoinCodeError as error:
            raise UsageError(_sentence(text, error, texts)) from error
        preset = self.preset
        if preset is not None and not target.host:
            target = replace(target, host=preset.host, port=preset.port, addresses=preset.addresses)
        own = preset if preset is not None and target.host == preset.host else None
        if not target.host:
            raise UsageError(texts.bare_code)
        expected = Expectation(target.ca_fingerprint, self.ca or (own.ca if own else ""))
        target = replace(target, addresses=(*target.addresses, *self.addresses))
        return Aim(target, expected, own.name if own else "")


def _sentence(text: str, error: JoinCodeError, texts: Texts) -> str:
    if "://" in text:
        return texts.link_damaged
    code, at, place = text.partition("@")
    digits = "".join(c for c in code if c.isalnum())
    if len(digits) != LENGTH or not digits.isdecimal():
        return texts.code_length
    wrong_place = at and "host" in str(error)
    return texts.bad_place.format(place=harmless(place, 80)) if wrong_place else texts.code_mistyped

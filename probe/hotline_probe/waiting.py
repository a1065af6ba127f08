"""The caller's place in the queue, as the collector tells it."""

from __future__ import annotations

from hotline_proto.v1 import probe_pb2 as pb

from hotline_probe.face import Sentence
from hotline_probe.texts import Texts

# Whoever says that it takes longer than a day does not know.
_LONGEST_S = 86_400
_MOST = 10_000


class Waiting:
    """Remembers what was said: a line appears only when the place changes or the time becomes known."""

    def __init__(self) -> None:
        self._said = (0, False)

    def news(self, call: pb.CallState) -> Sentence | None:
        """Return what to say about a state of the call, None if there is nothing new."""
        place = min(call.place, _MOST)
        known = call.HasField("expected_s") and call.expected_s <= _LONGEST_S
        if (place, known) == self._said:
            return None
        self._said = (place, known)
        minutes = max(1, -(-call.expected_s // 60)) if known else 0
        return (lambda texts: _sentence(texts, place, minutes)) if place else None


def _sentence(texts: Texts, place: int, minutes: int) -> str:
    first = texts.wait_next if place == 1 else texts.wait_place.format(place=place)
    return f"{first} {texts.wait_expected.format(minutes=minutes) if minutes else texts.wait_not_known}"

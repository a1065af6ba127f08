"""What a caller may allow, of which a probe may say anything."""

from __future__ import annotations

from collections.abc import Iterable

from hotline_proto.v1 import probe_pb2 as pb

_LAYERS = frozenset((pb.CONSENT_LAYER_BASIC, pb.CONSENT_LAYER_PERSONAL))


def known_layers(layers: Iterable[int]) -> tuple[int, ...]:
    """Return the layers of consent that there are, each once."""
    return tuple(sorted(_LAYERS.intersection(layers)))

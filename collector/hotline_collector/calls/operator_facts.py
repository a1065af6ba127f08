"""Facts of the operator's own systems: all of them fit, or none counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hotline_proto.catalogue import Catalogue
from hotline_proto.v1 import record_pb2 as rec

from hotline_collector.calls.bounds import MAX_AGE_S, MAX_FACTS, MAX_ORIGIN
from hotline_collector.calls.entering import entered
from hotline_collector.calls.errors import CallError, invalid
from hotline_collector.model.rule import Question


@dataclass(frozen=True, slots=True)
class Entered:
    """What a system says: a value as text, how old it is in seconds, and which system says so."""

    fact: str
    value: str
    age_s: float = 0.0
    origin: str = ""


def stated(
    catalogue: Catalogue, questions: Mapping[str, Question], facts: Sequence[Entered], now: int
) -> list[rec.FactStated]:
    """Return what was entered as inputs of the engine; `now` in µs since the epoch.

    Raises:
        CallError: something does not fit; with several facts the message names all that do not.
    """
    if not 0 < len(facts) <= MAX_FACTS:
        raise invalid(f"1 to {MAX_FACTS} facts are entered at once, not {len(facts)}")
    out, faults = [], []
    for number, fact in enumerate(facts, 1):
        try:
            out.append(_stated(catalogue, questions, fact, now))
        except CallError as error:
            faults.append(f"fact {number}: {error}" if len(facts) > 1 else str(error))
    if faults:
        raise invalid("; ".join(faults))
    return out


def _stated(
    catalogue: Catalogue, questions: Mapping[str, Question], fact: Entered, now: int
) -> rec.FactStated:
    if not 0 <= fact.age_s <= MAX_AGE_S:
        raise invalid(f"an age is between 0 and {MAX_AGE_S:.0f} seconds, not {fact.age_s}")
    if len(fact.origin.strip()) > MAX_ORIGIN:
        raise invalid(f"an origin has at most {MAX_ORIGIN} characters, not {len(fact.origin.strip())}")
    out = entered(catalogue, questions, fact.fact, fact.value)
    out.observed_us = now - round(fact.age_s * 1e6)
    out.origin = rec.ORIGIN_AGENT if fact.fact in questions else rec.ORIGIN_OPERATOR
    return out

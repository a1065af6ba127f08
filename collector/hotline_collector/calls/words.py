"""The gate: personal facts and actions stay locked until the caller's two words are confirmed."""

from __future__ import annotations

from hotline_proto.catalogue import Catalogue
from hotline_proto.words import same_words, two_words

from hotline_collector.calls.errors import conflict
from hotline_collector.calls.session import Session

HIDDEN = "hidden until the words are confirmed"


def expected(session: Session, ca_fingerprint: str) -> str:
    """Return the words that the caller's screen shows.

    Raises:
        CallError: the caller has not decided about consent yet, so the probe has not said Hello.
    """
    if not session.row.probe_nonce:
        raise conflict(
            "the caller has joined and is reading the consent page; confirm the words once they have allowed"
        )
    return two_words(ca_fingerprint, session.row.probe_nonce, session.row.collector_nonce)


def confirmed(session: Session, ca_fingerprint: str, spoken: str) -> bool:
    """Tell whether the caller read out the right words.

    Raises:
        CallError: the caller has not decided about consent yet, so the probe has not said Hello.
    """
    return same_words(expected(session, ca_fingerprint), spoken)


def hidden(catalogue: Catalogue, fact: str, words_confirmed: bool) -> bool:
    """Tell whether the value of a fact must not be shown yet."""
    spec = catalogue.facts.get(fact)
    return not words_confirmed and spec is not None and spec.sensitivity != "public"

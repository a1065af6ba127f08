"""The two words that prove to both sides of a call that no third one sits between them."""

from __future__ import annotations

import hashlib
import hmac

NONCE_BYTES = 16
# 64 times 64 pairs: short, unlike each other in German and English ears, no word with a second meaning.
_WORDS = tuple(
    (
        "anker apfel ballon banane birne blume boot brille "
        "brot bus delfin drache eimer elefant ente fahrrad "
        "feder fenster feuer fisch flasche garten gitarre glocke "
        "hafen hammer hase honig hotel igel insel jacke "
        "kaffee kamel kerze kirsche koffer krone lampe leiter "
        "limone loewe lotus magnet melone mond motor nagel "
        "nebel orange palme papier pinguin pirat rakete regen "
        "ring salat schiff sonne tiger tomate vogel zebra"
    ).split()
)


def commit(nonce: bytes) -> bytes:
    """Return the commitment to a nonce that is revealed later."""
    return hashlib.sha256(b"hotline-words" + nonce).digest()


def two_words(ca_fingerprint: str, probe_nonce: bytes, collector_nonce: bytes) -> str:
    """Return the phrase that both screens show.

    It depends on the certificate authority that each side believes in, so a man in the middle with a
    certificate of their own makes the phrases differ in 4095 of 4096 cases; neither side can choose it.
    """
    key = probe_nonce + collector_nonce
    digest = hmac.digest(key, ca_fingerprint.lower().encode(), "sha256")
    return f"{_WORDS[digest[0] % 64]} {_WORDS[digest[1] % 64]}"


def same_words(left: str, right: str) -> bool:
    """Tell whether two phrases are the same, whatever their case and spacing."""
    return hmac.compare_digest(
        " ".join(left.lower().split()).encode(), " ".join(right.lower().split()).encode()
    )

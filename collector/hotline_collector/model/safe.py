"""Foreign text made harmless for a terminal."""

from __future__ import annotations

import unicodedata

MAX_TEXT = 240
_SPACES = frozenset("\t\r\n\v\f\u2028\u2029")


def harmless(text: str, limit: int = MAX_TEXT) -> str:
    """Return foreign text on one line without control, format, private or unassigned characters.

    That takes away escape sequences and direction overrides (Unicode categories C*, UAX #9); what is
    longer than `limit` characters is cut. Rich markup is left as it is, for text is never parsed as such.
    """
    # A name of megabytes must not cost more than what is shown of it.
    head = text[: 4 * limit]
    # Nearly every text is printable as a whole: then nothing has to be looked for, letter by letter.
    kept = head if head.isprintable() else _without_others(head)
    clean = " ".join(kept.split())
    return clean if len(clean) <= limit and len(head) == len(text) else clean[: limit - 1] + "…"


def _without_others(text: str) -> str:
    return "".join(
        " " if c in _SPACES else c for c in text if c in _SPACES or unicodedata.category(c)[0] != "C"
    )

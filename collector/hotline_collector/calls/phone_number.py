"""Telephone numbers to call back."""

from __future__ import annotations

import re

from hotline_collector.calls.errors import invalid

_WRITTEN = re.compile(r"\+?[0-9 ()/.\-\u2010-\u2015\u00a0]*")
_FEWEST, _MOST = 5, 15
_MAX_TYPED = 40


def phone_number(typed: str) -> str:
    """Return a number as digits, with a leading + if it was given with one; empty if nothing was typed.

    At most 15 digits, as in ITU-T E.164 (11/2010) §6.2.1; spaces, brackets, dashes, dots and slashes do not
    matter, and a zero in brackets after the country's code is left out as it is not dialled from abroad.

    Raises:
        CallError: it is no telephone number.
    """
    text = typed.strip()
    if not text:
        return ""
    if len(text) > _MAX_TYPED or not _WRITTEN.fullmatch(text):
        raise invalid("a telephone number has only digits, and perhaps a + in front; such as +49 30 123456")
    plus = text.startswith("+")
    digits = re.sub(r"\D", "", text.replace("(0)", "") if plus else text)
    if not _FEWEST <= len(digits) <= _MOST:
        raise invalid(f"a telephone number has {_FEWEST} to {_MOST} digits, not {len(digits)}")
    return f"+{digits}" if plus else digits

"""Values in human form: By → 1.2 GiB, s → 350 ms, ratio → 93 %, bit/s → 94 Mbit/s.

The collector sends values as text in the catalogue's UCUM unit; German writes a decimal comma.
"""

from __future__ import annotations

import math
import re
from typing import Literal, NamedTuple

from hotline_collector.model.safe import harmless

Lang = Literal["en", "de"]

_BINARY = ("", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei")
_DECIMAL = ("", "k", "M", "G", "T", "P")
_WORDS = {
    "true": {"en": "yes", "de": "ja"},
    "false": {"en": "no", "de": "nein"},
    "none": {"en": "none", "de": "keine"},
}
_PATTERN = "matches("
_CONDITION = re.compile(
    r"(?:(?P<left>[\w.()]+(?:, \S+\))?) )?(?P<op>>=|<=|==|!=|>|<) "
    r"(?P<number>-?\d[\d.]*(?:e[+-]?\d+)?)(?: (?P<unit>\S+))?"
)
_OPERATORS = {">=": "≥", "<=": "≤", "==": "=", "!=": "≠"}
_MINUTE, _HOUR, _DAY = 60, 3600, 86_400
# Below how many seconds a rough span is rounded to how many.
_ROUGH = ((_MINUTE, 1), (10 * _MINUTE, 10), (2 * _HOUR, _MINUTE), (_DAY, 10 * _MINUTE))


def lang_of(asked: str) -> Lang:
    """Return the language that is asked for; English for any that there is not."""
    return "de" if asked == "de" else "en"


def human(value: str, unit: str, lang: Lang) -> str:
    """Return a value of the wire in human form; what is no number is shown as it is, made harmless."""
    if not unit and value in _WORDS:
        return _WORDS[value][lang]
    number = _number(value)
    if number is None:
        return harmless(value)
    return quantity(number, unit, lang)


def quantity(number: float, unit: str, lang: Lang) -> str:
    """Return a number with its unit, scaled to three digits; unit 1 is a share and shown in per cent."""
    match unit:
        case "1":
            return f"{_digits(number * 100, lang)} %"
        case "s":
            return duration(number, lang)
        case "By" | "By/s":
            return _scaled(number, 1024, _BINARY, unit.replace("By", "B"), lang)
        case "bit/s" | "Hz":
            return _scaled(number, 1000, _DECIMAL, unit, lang)
        case "Cel":
            return f"{_digits(number, lang)} °C"
        case "1/s":
            return f"{_digits(number, lang)}/s"
        case "dB" | "dBm":
            return f"{_digits(number, lang)} {unit}"
        case _:
            return _digits(number, lang)


def duration(seconds: float, lang: Lang) -> str:
    """Return a time span: 800 µs, 350 ms, 12 s, 3 min 5 s, 2 h 10 min, 4 d 3 h."""
    size = abs(seconds)
    if size and size < 0.9995e-3:
        return f"{_digits(seconds * 1e6, lang)} µs"
    if size and size < 0.9995:
        return f"{_digits(seconds * 1e3, lang)} ms"
    if size < _MINUTE - 0.5:
        return f"{_digits(seconds, lang)} s"
    sign = "-" if seconds < 0 else ""
    whole = round(size)
    days = {"en": "d", "de": "T"}[lang]
    for step, name, below, small in (
        (_DAY, days, _HOUR, "h"),
        (_HOUR, "h", _MINUTE, "min"),
        (_MINUTE, "min", 1, "s"),
    ):
        if whole >= step:
            count, rest = divmod(whole, step)
            tail = f" {rest // below} {small}" if rest // below else ""
            return f"{sign}{count} {name}{tail}"
    return f"{sign}{whole} s"


def rough_duration(seconds: float, lang: Lang) -> str:
    """Return a time span that is known within a few per cent, without digits that say nothing."""
    step = next((step for below, step in _ROUGH if seconds < below), _HOUR)
    return duration(float(round(seconds / step) * step), lang)


def span(seconds: float, lang: Lang) -> str:
    """Return a time span for people who wait: whole seconds and more, never below 0."""
    return duration(float(math.floor(max(seconds, 0.0))), lang)


def rough_span(seconds: float, lang: Lang) -> str:
    """Return a time span that does not change every second: in steps of 10 seconds, then of minutes."""
    return span(seconds - seconds % (10 if seconds < _MINUTE else _MINUTE), lang)


def whole_minutes(seconds: float, lang: Lang) -> str:
    """Return a time span as minutes, rounded up, never less than one: for what is only roughly known."""
    return span(max(1, math.ceil(seconds / _MINUTE)) * _MINUTE, lang)


def condition(text: str, unit: str, lang: Lang, fact: str = "") -> str:
    """Return a rule's condition with its threshold in human form where it is a plain comparison.

    A pattern says nothing to people that the value itself does not, so it is left out.
    """
    if text.startswith(_PATTERN):
        return ""
    found = _CONDITION.fullmatch(text.strip())
    if found is None:
        return harmless(text, 120)
    number = _number(found["number"])
    if number is None:
        return harmless(text, 120)
    shown = quantity(number, found["unit"] or unit, lang)
    operator = _OPERATORS.get(found["op"], found["op"])
    left = found["left"] or ""
    about = "" if not left or fact.endswith(left.rpartition(".")[2]) else f"{left} "
    return f"{about}{operator} {shown}"


class Limit(NamedTuple):
    """A plain comparison: of what, from which side (`>` or `<`), in which unit, and how strict it is."""

    about: str
    side: str
    unit: str
    strictness: tuple[float, bool]


def limit(text: str) -> Limit | None:
    """Return the limit that a condition sets, None if it is not an order; only the same side compares."""
    found = _CONDITION.fullmatch(text.strip())
    number = _number(found["number"]) if found else None
    if found is None or number is None or found["op"][0] not in "<>":
        return None
    side = found["op"][0]
    strictness = (number if side == ">" else -number, found["op"] == side)
    return Limit(found["left"] or "", side, found["unit"] or "", strictness)


def _number(text: str) -> float | None:
    if not re.fullmatch(r"[+-]?\d[\d.]*(?:[eE][+-]?\d+)?", text):
        return None
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _scaled(number: float, base: int, prefixes: tuple[str, ...], unit: str, lang: Lang) -> str:
    power = 0
    while abs(number) >= base * 0.9995 and power < len(prefixes) - 1:
        number /= base
        power += 1
    return f"{_digits(number, lang)} {prefixes[power]}{unit}"


def _digits(number: float, lang: Lang) -> str:
    """Return a number with at most three significant digits, but never fewer than its whole part."""
    size = abs(number)
    places = 0 if size >= 99.95 or not size else 1 if size >= 9.995 else 2
    if size and size < 0.1:
        plain = f"{number:.2g}"
    else:
        plain = f"{number:.{places}f}"
        if "." in plain:
            plain = plain.rstrip("0").rstrip(".")
    return plain.replace(".", ",") if lang == "de" else plain

"""In which language a page speaks."""

from __future__ import annotations

from hotline_collector.model.units import Lang

__all__ = ["Lang", "choose_lang"]


def choose_lang(asked: str, accepted: str) -> Lang:
    """Return the language somebody chose, else the first of an Accept-Language header that there is (RFC "
    "9110)."""
    if asked in ("de", "en"):
        return "de" if asked == "de" else "en"
    weighted: list[tuple[float, int, str]] = []
    for place, part in enumerate(accepted.split(",")):
        tag, _, parameter = part.strip().partition(";")
        weight = parameter.strip().removeprefix("q=") or "1"
        try:
            weighted.append((-float(weight), place, tag.partition("-")[0].lower()))
        except ValueError:
            continue
    for weight_, _, tag in sorted(weighted):
        if tag in ("de", "en") and weight_ < 0:
            return "de" if tag == "de" else "en"
    return "en"

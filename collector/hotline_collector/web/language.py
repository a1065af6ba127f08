"""In which language a page speaks."""

from __future__ import annotations

from hotline_collector.model.units import Lang, lang_of


def choose_lang(asked: str, accepted: str) -> Lang:
    """Return the language somebody chose, else the one that a browser likes best of those there are.

    Source: RFC 9110 §12.5.4 (Accept-Language).
    """
    if asked in ("de", "en"):
        return lang_of(asked)
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
            return lang_of(tag)
    return "en"

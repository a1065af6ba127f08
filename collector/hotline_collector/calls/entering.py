"""Facts that humans enter, for instance contract.rate_down = 100 Mbit/s."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

from hotline_proto.catalogue import Catalogue, FactSpec
from hotline_proto.v1 import probe_pb2 as pb
from hotline_proto.v1 import record_pb2 as rec

from hotline_collector.calls.bounds import MAX_VALUE
from hotline_collector.calls.errors import invalid
from hotline_collector.engine.cel.quantity import QuantityError, parse_quantity
from hotline_collector.model.rule import Question

_ENTERED_PREFIXES = ("operator.", "contract.", "line.")
_TRUE, _FALSE = frozenset({"true", "yes", "ja", "1"}), frozenset({"false", "no", "nein", "0"})
_CODE = re.compile(r"[A-Z0-9ÄÖÜ][A-Z0-9ÄÖÜ .:/_-]{0,39}")
# As people say it, and as it is kept; nothing that is in use was bought before 1970.
_MONTH = re.compile(
    r"(?P<month>0?[1-9]|1[0-2])\s?[./-]\s?(?P<year>19[7-9]\d|20\d\d)"
    r"|(?P<year_before>19[7-9]\d|20\d\d)-(?P<month_behind>0[1-9]|1[0-2])"
)
_EXAMPLES = {"bit/s": "100 Mbit/s", "s": "150 ms", "By": "1 GiB"}


def answer(questions: Mapping[str, Question], name: str, text: str) -> rec.FactStated:
    """Return a human's answer as a fact; an empty text means "don't know".

    Raises:
        CallError: no such question, or not one of its answers.
    """
    question = questions.get(name)
    if question is None:
        raise invalid(f"there is no question {name!r}")
    out, value = rec.FactStated(fact=name), text.strip()
    if not value:
        out.unknown = pb.UNKNOWN_REASON_DECLINED
    elif question.type == "bool":
        out.truth = _truth(name, value)
    elif question.form:
        out.text = _formed(question, value)
    else:
        out.text = _text(name, value, tuple(question.values))
    return out


def _formed(question: Question, text: str) -> str:
    """Return a text in the form of its question: `code` in one spelling, `month` as 2025-03."""
    if question.form == "month":
        found = _MONTH.fullmatch(text)
        if found is None:
            raise invalid(f"{question.fact} is a month, such as 03/2025 or 2025-03, not {text[:40]!r}")
        month, year = found["month"] or found["month_behind"], found["year"] or found["year_before"]
        return f"{year}-{int(month):02d}"
    code = " ".join(text.split()).upper()
    if not _CODE.fullmatch(code):
        raise invalid(f"{question.fact} is up to 40 letters and digits with . : - / _, not {text[:40]!r}")
    return code


def entered(catalogue: Catalogue, questions: Mapping[str, Question], name: str, text: str) -> rec.FactStated:
    """Return what the operator's systems know as a fact, read by the type and unit of its name.

    Raises:
        CallError: no such fact, not one that may be entered, or the value does not fit.
    """
    if name in questions:
        return answer(questions, name, text)
    spec = catalogue.facts.get(name)
    if spec is None:
        raise invalid(f"there is no fact {name!r}; docs/facts.md lists them")
    if not name.startswith(_ENTERED_PREFIXES):
        allowed = ", ".join(f"{prefix}*" for prefix in _ENTERED_PREFIXES)
        raise invalid(f"{name} is measured, not entered; only {allowed} and questions can be entered")
    return _of_type(spec, text.strip())


def _of_type(spec: FactSpec, value: str) -> rec.FactStated:
    out = rec.FactStated(fact=spec.name)
    if spec.type == "bool":
        out.truth = _truth(spec.name, value)
    elif spec.type == "text":
        out.text = _text(spec.name, value, spec.values)
    elif spec.type == "int":
        out.integer = round(_number(spec, value))
    elif spec.type == "double":
        out.number = _number(spec, value)
    else:
        raise invalid(f"{spec.name} counts events and cannot be entered")
    return out


def _truth(name: str, text: str) -> bool:
    word = text.lower()
    if word in _TRUE:
        return True
    if word in _FALSE:
        return False
    raise invalid(f"{name} is true or false, not {text!r}")


def _number(spec: FactSpec, text: str) -> float:
    unit = spec.unit
    plain = not unit or unit == "1" or unit.startswith("{")
    try:
        if plain and not text.endswith("%"):
            value = float(text)
        elif text[-1:].isdigit():
            raise invalid(
                f"{spec.name} needs a unit that means {unit or '1'}, such as {_EXAMPLES.get(unit, unit)}"
            )
        else:
            quantity = parse_quantity(text)
            if quantity.unit != (unit or "1"):
                raise invalid(f"{spec.name} is measured in {unit or 'plain numbers'}, {text!r} is not")
            value = quantity.value
    except QuantityError as error:
        raise invalid(f"{spec.name}: {error}") from error
    except ValueError as error:
        raise invalid(f"{spec.name} is a number, not {text!r}") from error
    if not math.isfinite(value) or abs(value) > 2**53:
        raise invalid(f"{spec.name}: {text!r} is not a number that can be meant")
    return value


def _text(name: str, text: str, values: tuple[str, ...]) -> str:
    if values and text not in values:
        raise invalid(f"{name} is one of {', '.join(values)}, not {text!r}")
    if not text or len(text) > MAX_VALUE or not text.isprintable():
        raise invalid(f"{name} takes 1 to {MAX_VALUE} printable characters")
    return text

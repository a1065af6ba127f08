"""What an agent enters from the operator's own systems: contract, outage, measurements of the line."""

from __future__ import annotations

import re
from collections.abc import Mapping

from hotline_collector.calls.errors import invalid

# The catalogue's facts of the source `operator`, in the order in which they help.
OPERATOR_FACTS = ("operator.outage", "line.sync", "line.rate_down", "contract.rate_down", "contract.rate_up")
_DECIMAL_COMMA = re.compile(r"(?<=\d),(?=\d)")
_MAX_MINUTES = 5_000_000


def entry(form: Mapping[str, str]) -> tuple[str, str, float, str]:
    """Return name, value, age in seconds and origin as a form has them; a decimal comma becomes a point.

    Raises:
        CallError: the age is no number of minutes.
    """
    minutes = form.get("age", "").strip() or "0"
    if not re.fullmatch(r"\d{1,7}", minutes, re.ASCII) or int(minutes) > _MAX_MINUTES:
        raise invalid(f"{minutes[:20]!r} is no age; give whole minutes, 0 for now")
    value = _DECIMAL_COMMA.sub(".", form.get("value", ""))
    return form.get("fact", ""), value, int(minutes) * 60.0, form.get("origin", "")

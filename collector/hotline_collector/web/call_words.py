"""What the pages of calls say, in German and English; states and reasons have the words of the terminal."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from hotline_collector.web.language import Lang

_EN = {
    "calls": "Calls",
    "open_calls": "Open calls",
    "all_calls": "All calls",
    "show_closed": "Show closed ones too",
    "hide_closed": "Show open ones only",
    "refresh": "Refresh",
    "no_calls": "No calls.",
    "left_out": "{number} older calls are not shown.",
    "call": "Call",
    "state": "State",
    "complaint": "Complaint",
    "agent_name": "Agent",
    "cause": "Cause",
    "open_for": "Opened",
    "ago": "{time} ago",
    "no_complaint": "none given",
    "new_call": "New call",
    "complaint_label": "What does not work, in the caller's words",
    "reference_label": "Customer reference (optional)",
    "check_label": "Page or server concerned (optional), such as https://shop.example.org",
    "open_call": "Open the call",
    "cannot_open": "The call cannot be opened like this.",
    "say_now": "Say now",
    "join_code": "Join code",
    "join_link": "Link",
    "join_page": "Page for the caller",
    "code_valid": "Valid for {time}, once.",
    "needs_link": "The caller needs the link or the page; the code alone is enough only in your own probe.",
    "renew": "Make a new code",
    "no_code": "No code is valid now.",
}
_DE = {
    "calls": "Anrufe",
    "open_calls": "Offene Anrufe",
    "all_calls": "Alle Anrufe",
    "show_closed": "Auch abgeschlossene zeigen",
    "hide_closed": "Nur offene zeigen",
    "refresh": "Neu laden",
    "no_calls": "Keine Anrufe.",
    "left_out": "{number} ältere Anrufe werden nicht gezeigt.",
    "call": "Anruf",
    "state": "Stand",
    "complaint": "Anliegen",
    "agent_name": "Berater",
    "cause": "Ursache",
    "open_for": "Angelegt",
    "ago": "vor {time}",
    "no_complaint": "keines genannt",
    "new_call": "Neuer Anruf",
    "complaint_label": "Was geht nicht, in den Worten des Anrufers",
    "reference_label": "Kundennummer (freiwillig)",
    "check_label": "Betroffene Seite oder Server (freiwillig), etwa https://shop.example.org",
    "open_call": "Anruf anlegen",
    "cannot_open": "So lässt sich der Anruf nicht anlegen.",
    "say_now": "Jetzt sagen",
    "join_code": "Code",
    "join_link": "Link",
    "join_page": "Seite für den Anrufer",
    "code_valid": "Gilt noch {time}, einmal.",
    "needs_link": "Der Anrufer braucht den Link oder die Seite; der Code allein genügt nur in Ihrer eigenen "
    "Sonde.",
    "renew": "Neuen Code erzeugen",
    "no_code": "Zurzeit gilt kein Code.",
}
CALL_WORDS: Mapping[Lang, Mapping[str, str]] = MappingProxyType(
    {"en": MappingProxyType(_EN), "de": MappingProxyType(_DE)}
)

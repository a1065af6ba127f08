"""What the figures are called and how each is counted, in German and English, for every face."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from hotline_collector.model.units import Lang

_EN = {
    "waited": "Waiting time",
    "waited_free": "Waiting time, free of charge",
    "waited_paid": "Waiting time, paid by the caller",
    "handled": "Handling time",
    "to_cause": "Time to cause",
    "first_call": "First-call resolution",
    "verified_fixes": "Fixes proven to help",
    "def_waited": "From entering the queue to being taken by an agent, all waits of a call together; a "
    "wait for a call-back counts too. Calls that never waited in the queue count as not recorded.",
    "def_waited_free": "The part of the waiting time that costs the caller nothing: free minutes, waiting "
    "for a call-back, or all of it where the line charges nothing for waiting.",
    "def_waited_paid": "The part of the waiting time for which the line charges the caller by its tariff. "
    "Where waiting is free it is not recorded.",
    "def_handled": "From the first agent who took the call (or opened it) to closing it, in closed calls "
    "of every outcome. Calls that no agent took count as not recorded.",
    "def_to_cause": "From the moment the caller's computer joined (or the call was opened, if the cause "
    "was known before) to the first confirmed cause that fits the complaint. Calls without such a cause "
    "count as not recorded.",
    "def_first_call": "Of all closed calls that were the customer's first about their trouble: the share "
    "that ended solved and was not followed by another call of the same customer about the same main cause "
    "or the same check within {days} days. Customers are compared by a keyed hash of their reference. "
    "Calls without a customer reference are not known and are left out; calls of the last {days} days may "
    "still change.",
    "def_first_call_off": "Not counted: customers who ring again are recognised only if the operator "
    "switches it on (repeat_contact.enabled in the configuration).",
    "def_verified_fixes": "Of all fixes that were done and could be measured afterwards: the share after "
    "which fresh facts showed the trouble gone. Fixes that could not be verified or were taken back are "
    "left out.",
    "def_percentiles": "The median is the span that half of the calls stay within, the 90th percentile the "
    "one that nine of ten stay within. Both are told within 4.5 %, because only numbers of calls by span "
    "are kept, not the calls.",
    "def_causes": "The main cause of each closed call: what the agent named, else what was fixed last, "
    "else what was ranked first last.",
    "def_rules": "Of the closed calls that say something about a rule: the share in which it was right. "
    "Right is a fix proven to help or a cause confirmed by an agent; wrong is a fix that did not help, a "
    "disagreement, or a customer who rang again. Calls that say nothing about a rule are only counted as "
    "shown.",
    "def_outside": "What agents named in free words when they disagreed with a finding and no rule fits. "
    "These words go when their calls are deleted.",
    "kept": "solved, no repeat so far",
    "rang_again": "solved, but rang again",
    "unsolved": "not solved in the call",
    "repeat": "repeat of an earlier call (left out)",
    "unknown": "customer not known (left out)",
    "proven": "proven to help",
    "refuted": "did not help",
    "unproven": "could not be verified or taken back (left out)",
    "few": "fewer than {number}",
    "median": "median",
    "p90": "90th percentile",
    "calls": "calls",
    "not_recorded": "not recorded",
    "outcomes": "Outcomes",
    "frequent": "Most frequent causes",
    "other_causes": "other causes, fewer than {number} calls each",
    "no_cause": "no cause found",
    "precision": "Rules: how often they were right",
    "outside": "Causes outside the pack",
    "instead_of": "instead of {rule}",
    "none_closed": "No call was closed in these days.",
}
_DE = {
    "waited": "Wartezeit",
    "waited_free": "Wartezeit, kostenlos",
    "waited_paid": "Wartezeit, vom Anrufer bezahlt",
    "handled": "Bearbeitungszeit",
    "to_cause": "Zeit bis zur Ursache",
    "first_call": "Beim ersten Anruf gelöst",
    "verified_fixes": "Nachweislich wirksame Abhilfen",
    "def_waited": "Vom Eintritt in die Warteschlange, bis ein Berater den Anruf annimmt, alle Wartezeiten "
    "eines Anrufs zusammen; auch das Warten auf einen Rückruf zählt. Anrufe, die nie in der Warteschlange "
    "waren, zählen als nicht erfasst.",
    "def_waited_free": "Der Teil der Wartezeit, der den Anrufer nichts kostet: Freiminuten, Warten auf "
    "einen Rückruf, oder die ganze Zeit, wenn die Leitung für das Warten nichts berechnet.",
    "def_waited_paid": "Der Teil der Wartezeit, den die Leitung dem Anrufer nach ihrem Tarif berechnet. Wo "
    "Warten nichts kostet, wird er nicht erfasst.",
    "def_handled": "Vom ersten Berater, der den Anruf angenommen oder angelegt hat, bis zum Abschluss, bei "
    "abgeschlossenen Anrufen jedes Ausgangs. Anrufe, die kein Berater angenommen hat, zählen als nicht "
    "erfasst.",
    "def_to_cause": "Vom Beitritt des Computers (oder vom Anlegen des Anrufs, wenn die Ursache schon "
    "vorher bekannt war) bis zur ersten bestätigten Ursache, die zum Anliegen passt. Anrufe ohne eine "
    "solche Ursache zählen als nicht erfasst.",
    "def_first_call": "Unter allen abgeschlossenen Anrufen, mit denen sich ein Kunde zum ersten Mal wegen "
    "seiner Störung meldete: der Anteil, der gelöst endete und auf den innerhalb von {days} Tagen kein "
    "Anruf desselben Kunden mit derselben Hauptursache oder derselben Prüfung folgte. Kunden werden über "
    "einen Hash-Wert ihrer Kundennummer mit geheimem Schlüssel verglichen. Anrufe ohne Kundennummer sind "
    "unbekannt und bleiben außen vor; bei Anrufen der letzten {days} Tage kann sich die Zahl noch ändern.",
    "def_first_call_off": "Wird nicht gezählt: Wer erneut anruft, wird nur erkannt, wenn der Betreiber das "
    "einschaltet (repeat_contact.enabled in der Konfiguration).",
    "def_verified_fixes": "Unter allen ausgeführten Abhilfen, nach denen gemessen werden konnte: der "
    "Anteil, nach dem frische Fakten zeigten, dass die Störung weg ist. Was sich nicht prüfen ließ oder "
    "zurückgenommen wurde, bleibt außen vor.",
    "def_percentiles": "Die Hälfte der Anrufe bleibt innerhalb des Medians, neun von zehn bleiben "
    "innerhalb des 90. Perzentils. Beide sind auf 4,5 % genau, weil nur Anzahlen nach Dauer aufbewahrt "
    "werden, nicht die Anrufe.",
    "def_causes": "Die Hauptursache jedes abgeschlossenen Anrufs: was der Berater genannt hat, sonst was "
    "zuletzt behoben wurde, sonst was zuletzt an erster Stelle stand.",
    "def_rules": "Unter den abgeschlossenen Anrufen, die etwas über eine Regel aussagen: der Anteil, in "
    "dem sie recht hatte. Für sie spricht eine nachweislich wirksame Abhilfe oder ein Berater, der sie "
    "nennt; gegen sie eine Abhilfe, die nicht half, ein Widerspruch oder ein erneuter Anruf. Anrufe ohne "
    "Aussage zählen nur als gezeigt.",
    "def_outside": "Was Berater in eigenen Worten nannten, als sie einem Befund widersprachen und keine "
    "Regel passte. Diese Worte werden mit ihren Anrufen gelöscht.",
    "kept": "gelöst, bisher kein erneuter Anruf",
    "rang_again": "gelöst, aber erneut angerufen",
    "unsolved": "im Anruf nicht gelöst",
    "repeat": "erneuter Anruf (zählt nicht mit)",
    "unknown": "Kunde unbekannt (zählt nicht mit)",
    "proven": "nachweislich wirksam",
    "refuted": "half nicht",
    "unproven": "nicht prüfbar oder zurückgenommen (zählt nicht mit)",
    "few": "weniger als {number}",
    "median": "Median",
    "p90": "90. Perzentil",
    "calls": "Anrufe",
    "not_recorded": "nicht erfasst",
    "outcomes": "Ausgang",
    "frequent": "Häufigste Ursachen",
    "other_causes": "andere Ursachen, je weniger als {number} Anrufe",
    "no_cause": "keine Ursache gefunden",
    "precision": "Regeln: wie oft sie recht hatten",
    "outside": "Ursachen außerhalb des Regelpakets",
    "instead_of": "statt {rule}",
    "none_closed": "In diesen Tagen wurde kein Anruf abgeschlossen.",
}
FIGURE_WORDS: Mapping[Lang, Mapping[str, str]] = MappingProxyType(
    {"en": MappingProxyType(_EN), "de": MappingProxyType(_DE)}
)

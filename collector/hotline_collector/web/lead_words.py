"""What the lead's page says, in German and English, besides the names of figures and how they are counted."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from hotline_collector.model.units import Lang

_EN = {
    "figures_menu": "Figures",
    "figures_period": "Period",
    "figures_last": "Last {days} days",
    "figures_from": "From",
    "figures_to": "To",
    "figures_show": "Show",
    "figures_wrong": "These days cannot be shown.",
    "figures_of": "{days} (days end at midnight UTC)",
    "figures_closed": "Closed calls: {number}",
    "figures_since": "There are figures from {day} on; before that nothing was counted.",
    "figures_none": "No call was closed in these days.",
    "figures_team": "All figures are of the whole team. Nothing is told of single agents, nor of groups of "
    "fewer than {number} calls.",
    "figures_small": "All figures are of the whole team. The operator has them told of the smallest groups "
    "of calls, too; they may say something about a single agent.",
    "figures_csv": "Download as CSV",
    "figures_how": "How it is counted",
    "figures_table": "As a table",
    "figures_days": "Days",
    "figures_number": "Calls",
    "figures_measured": "Fixes",
    "figures_share": "Share",
    "figures_chart": "{title}: chart; the same numbers stand in the table below it.",
    "figures_legend": "Bar: median. Line: 90th percentile. Top: {most}.",
    "figures_legend_share": "Bar: share. Top: 100 %.",
    "figures_stub": "Grey stub: fewer than {number}.",
    "figures_shown": "Shown",
    "figures_right": "Right",
    "figures_rule_wrong": "Wrong",
    "figures_disagreed": "of which disagreed",
    "figures_right_share": "Right of judged",
    "figures_rule": "Rule",
    "figures_unjudged": "not judged",
    "figures_outside_calls": "Calls: {number}, {instead}",
    "figures_start": "{number} not recorded",
}
_DE = {
    "figures_menu": "Kennzahlen",
    "figures_period": "Zeitraum",
    "figures_last": "Letzte {days} Tage",
    "figures_from": "Von",
    "figures_to": "Bis",
    "figures_show": "Anzeigen",
    "figures_wrong": "Diese Tage lassen sich nicht anzeigen.",
    "figures_of": "{days} (Tage enden um Mitternacht UTC)",
    "figures_closed": "Abgeschlossene Anrufe: {number}",
    "figures_since": "Kennzahlen gibt es ab dem {day}; vorher wurde nichts gezählt.",
    "figures_none": "In diesen Tagen wurde kein Anruf abgeschlossen.",
    "figures_team": "Alle Zahlen gelten für das ganze Team. Über einzelne Berater und über Gruppen von "
    "weniger als {number} Anrufen wird nichts ausgesagt.",
    "figures_small": "Alle Zahlen gelten für das ganze Team. Der Betreiber lässt sie auch für kleinste "
    "Gruppen von Anrufen anzeigen; sie können etwas über einzelne Berater aussagen.",
    "figures_csv": "Als CSV herunterladen",
    "figures_how": "So wird gezählt",
    "figures_table": "Als Tabelle",
    "figures_days": "Tage",
    "figures_number": "Anrufe",
    "figures_measured": "Abhilfen",
    "figures_share": "Anteil",
    "figures_chart": "{title}: Diagramm; dieselben Zahlen stehen in der Tabelle darunter.",
    "figures_legend": "Balken: Median. Strich: 90. Perzentil. Oberkante: {most}.",
    "figures_legend_share": "Balken: Anteil. Oberkante: 100 %.",
    "figures_stub": "Grauer Stumpf: weniger als {number}.",
    "figures_shown": "Gezeigt",
    "figures_right": "Richtig",
    "figures_rule_wrong": "Falsch",
    "figures_disagreed": "davon Widerspruch",
    "figures_right_share": "Richtig unter beurteilten",
    "figures_rule": "Regel",
    "figures_unjudged": "nicht beurteilt",
    "figures_outside_calls": "Anrufe: {number}, {instead}",
    "figures_start": "{number} nicht erfasst",
}
LEAD_WORDS: Mapping[Lang, Mapping[str, str]] = MappingProxyType(
    {"en": MappingProxyType(_EN), "de": MappingProxyType(_DE)}
)

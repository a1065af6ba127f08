"""What the pages of rules say, in German and English, besides what they share with the terminal."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from hotline_collector.model.units import Lang

_EN = {
    "rules_menu": "Rules",
    "rules_pack": "Rules in use",
    "rules_version": "Version",
    "rules_judging": "Rules that judge calls",
    "rules_loaded": "In use since",
    "rules_digest": "Digest (SHA-256)",
    "rules_signer": "Signed by",
    "rules_unsigned": "nobody: the pack is not signed",
    "rules_refused": "A newer pack was refused on {when}; the rules below stay in use.",
    "rules_fault": "{file}, line {line}, column {column}",
    "rules_fault_do": "Correct these places and save: the collector tries again within a second. “hotline "
    "rules check FOLDER” finds the same on the author's computer.",
    "rules_find": "Search: id, title, what callers say, fact",
    "rules_subject": "Subject",
    "rules_all_subjects": "all",
    "rules_search": "Search",
    "rules_browse": "Subjects",
    "rules_results": "Found: {number}",
    "rules_none": "No rule has all these words.",
    "rules_left_out": "{number} more; search for something narrower.",
    "rules_off": "Switched off",
    "rules_off_why": "Another pack of the set switched these rules off (disable in its pack.yaml). They "
    "are known and never judge a call.",
    "rules_is_off": "This rule is switched off by another pack: it is known and never judges a call.",
    "rules_deprecated": "This rule is deprecated: it is known and never judges a call.",
    "rules_experimental": "experimental",
    "rules_deprecated_tag": "deprecated",
    "rules_off_tag": "switched off",
    "rules_prior": "Confidence as written: {share}",
    "rules_cases": "Cases",
    "rules_cases_some": "{number} cases beside the rule: {kinds}.",
    "rules_cases_none": "There are no cases beside this rule.",
    "rules_kind_fires": "{number} in which it fires",
    "rules_kind_silent": "{number} in which it stays silent",
    "rules_kind_unknown": "{number} in which facts are missing",
    "rules_kind_after_fix": "{number} after a fix",
    "rules_unplayed": "They have not been played on this collector since these rules are in use.",
    "rules_unplayed_why": "The collector does not play cases when it loads a pack; whoever writes the "
    "rules does, with “hotline rules test”.",
    "rules_passed": "Played {when}: all cases pass, and the cases notice {noticed} of {mutants} changes to "
    "the condition.",
    "rules_failed": "Played {when}: something is wrong.",
    "rules_play": "Play the cases now",
    "rules_history": "In closed calls",
    "rules_history_days": "The last {days} days",
    "rules_never": "It was not shown in any call that was closed in the last {days} days.",
    "rules_shown": "shown as a cause",
    "rules_confirmed": "confirmed",
    "rules_denied": "wrong or disagreed",
    "rules_precision": "Right in {share} of the {number} calls that say something about it; agents "
    "disagreed in {disagreed}.",
    "rules_history_few": "Of fewer than {number} calls it is not told how they judged.",
    "rules_history_chart": "How often the rule was shown, confirmed and wrong, week by week; the same "
    "numbers stand in the table below.",
    "rules_file": "File",
}
_DE = {
    "rules_menu": "Regeln",
    "rules_pack": "Regeln in Gebrauch",
    "rules_version": "Version",
    "rules_judging": "Regeln, die Anrufe beurteilen",
    "rules_loaded": "In Gebrauch seit",
    "rules_digest": "Prüfsumme (SHA-256)",
    "rules_signer": "Signiert von",
    "rules_unsigned": "niemandem: das Paket ist nicht signiert",
    "rules_refused": "Am {when} wurde ein neueres Paket abgelehnt; die Regeln unten bleiben in Gebrauch.",
    "rules_fault": "{file}, Zeile {line}, Spalte {column}",
    "rules_fault_do": "Berichtigen Sie diese Stellen und speichern Sie: Das Paket wird innerhalb einer "
    "Sekunde neu geladen. „hotline rules check ORDNER“ findet dasselbe auf dem Rechner, auf dem die Regeln "
    "entstehen.",
    "rules_find": "Suche: Kennung, Titel, Worte von Anrufern, Fakt",
    "rules_subject": "Gebiet",
    "rules_all_subjects": "alle",
    "rules_search": "Suchen",
    "rules_browse": "Gebiete",
    "rules_results": "Gefunden: {number}",
    "rules_none": "In keiner Regel kommen alle diese Worte vor.",
    "rules_left_out": "{number} weitere; suchen Sie etwas genauer.",
    "rules_off": "Abgeschaltet",
    "rules_off_why": "Ein anderes Paket hat diese Regeln abgeschaltet (disable in seiner pack.yaml). Sie "
    "sind bekannt, beurteilen aber keinen Anruf.",
    "rules_is_off": "Diese Regel hat ein anderes Paket abgeschaltet: Sie ist bekannt, beurteilt aber "
    "keinen Anruf.",
    "rules_deprecated": "Diese Regel ist veraltet: Sie ist bekannt, beurteilt aber keinen Anruf.",
    "rules_experimental": "in Erprobung",
    "rules_deprecated_tag": "veraltet",
    "rules_off_tag": "abgeschaltet",
    "rules_prior": "Sicherheit laut Regel: {share}",
    "rules_cases": "Fälle",
    "rules_cases_some": "{number} Fälle neben der Regel: {kinds}.",
    "rules_cases_none": "Neben dieser Regel liegen keine Fälle.",
    "rules_kind_fires": "{number}, in denen sie anschlägt",
    "rules_kind_silent": "{number}, in denen sie schweigt",
    "rules_kind_unknown": "{number}, in denen Fakten fehlen",
    "rules_kind_after_fix": "{number} nach einer Abhilfe",
    "rules_unplayed": "Hier wurden sie nicht durchgespielt, seit diese Regeln in Gebrauch sind.",
    "rules_unplayed_why": "Beim Laden eines Pakets werden keine Fälle durchgespielt; das tut, wer die "
    "Regeln schreibt, mit „hotline rules test“.",
    "rules_passed": "Durchgespielt am {when}: Alle Fälle stimmen, und sie bemerken {noticed} von {mutants} "
    "Änderungen an der Bedingung.",
    "rules_failed": "Durchgespielt am {when}: Etwas stimmt nicht.",
    "rules_play": "Fälle jetzt durchspielen",
    "rules_history": "In abgeschlossenen Anrufen",
    "rules_history_days": "Die letzten {days} Tage",
    "rules_never": "Sie wurde in keinem Anruf gezeigt, der in den letzten {days} Tagen abgeschlossen wurde.",
    "rules_shown": "als Ursache gezeigt",
    "rules_confirmed": "bestätigt",
    "rules_denied": "falsch oder Widerspruch",
    "rules_precision": "Richtig in {share} der {number} Anrufe, die etwas über sie aussagen; Berater "
    "widersprachen in {disagreed}.",
    "rules_history_few": "Bei weniger als {number} Anrufen wird nicht gesagt, wie sie urteilen.",
    "rules_history_chart": "Wie oft die Regel gezeigt wurde, bestätigt wurde und falsch war, Woche für "
    "Woche; dieselben Zahlen stehen in der Tabelle darunter.",
    "rules_file": "Datei",
}
RULES_WORDS: Mapping[Lang, Mapping[str, str]] = MappingProxyType(
    {"en": MappingProxyType(_EN), "de": MappingProxyType(_DE)}
)
# Subjects of the shipped pack; others are shown by their name.
_SUBJECTS: Mapping[str, Mapping[Lang, str]] = {
    "account": {"en": "Accounts and passwords", "de": "Konten und Passwörter"},
    "appl": {"en": "Household appliances", "de": "Haushaltsgeräte"},
    "check": {"en": "Checks of pages and servers", "de": "Prüfungen von Seiten und Servern"},
    "fibre": {"en": "Fibre line", "de": "Glasfaser"},
    "hazard": {"en": "Hazards", "de": "Gefahren"},
    "log": {"en": "Messages of the system", "de": "Meldungen des Systems"},
    "mail": {"en": "Mail", "de": "E-Mail"},
    "monitor": {"en": "Screens", "de": "Bildschirme"},
    "net": {"en": "Network and internet", "de": "Netz und Internet"},
    "pc": {"en": "Computers", "de": "Computer"},
    "phone": {"en": "Telephones", "de": "Telefone"},
    "power": {"en": "Power", "de": "Strom"},
    "print": {"en": "Printing", "de": "Drucken"},
    "router": {"en": "Routers", "de": "Router"},
    "sec": {"en": "Security", "de": "Sicherheit"},
    "sound": {"en": "Sound and camera", "de": "Ton und Kamera"},
    "sto": {"en": "Storage", "de": "Speicherplatz und Laufwerke"},
    "svc": {"en": "Services", "de": "Dienste"},
    "sys": {"en": "System and load", "de": "System und Auslastung"},
    "time": {"en": "Clock", "de": "Uhrzeit"},
    "tls": {"en": "Certificates", "de": "Zertifikate"},
    "tv": {"en": "Television", "de": "Fernsehen"},
}


def subject_name(subject: str, lang: Lang) -> str:
    """Return what a subject is called."""
    return _SUBJECTS[subject][lang] if subject in _SUBJECTS else subject

"""What the pages about personal data say: opening others' calls, export for the caller, erasure."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from hotline_collector.model.units import Lang

_EN = {
    "error_reason": "This is the call of another agent.",
    "reason_title": "Another agent's call",
    "reason_why": "You can open it for one hour if you say why. Your reason is kept in the audit log.",
    "reason_over": "The hour for which you had opened it is over.",
    "reason_label": "Why do you open this call?",
    "reason_open": "Open the call",
    "reason_missing": "Please give a reason.",
    "personal_data": "Personal data",
    "subject_export": "everything that is kept, as a text for the caller",
    "erase_call": "Erase the call",
    "erase_title": "Erase a call for good",
    "erase_text": "The call, everything measured and said in it, and all notes will be gone. A connected "
    "caller is disconnected. Nobody can bring it back, not even from a backup. Counts by day stay.",
    "erase_id": "Call",
    "erase_reason": "Why is it erased?",
    "erase_reason_hint": "The reason stays in the audit log, so please do not name the caller in it.",
    "erase_confirm": "To confirm, type the last four characters of the call's number",
    "erase_differs": "These are not the last four characters of the call's number.",
    "erase_no_reason": "That did not work.",
    "erased_title": "The call is erased",
    "erased_text": "Nothing of it is kept any more. The audit log says that you erased it, when and why.",
}
_DE = {
    "error_reason": "Das ist der Anruf einer anderen Person.",
    "reason_title": "Anruf einer anderen Person",
    "reason_why": "Mit einem Grund können Sie ihn für eine Stunde öffnen. Der Grund steht dann im Protokoll.",
    "reason_over": "Die Stunde, für die Sie ihn geöffnet hatten, ist vorbei.",
    "reason_label": "Warum öffnen Sie diesen Anruf?",
    "reason_open": "Anruf öffnen",
    "reason_missing": "Bitte geben Sie einen Grund an.",
    "personal_data": "Personenbezogene Daten",
    "subject_export": "alles Gespeicherte als Text für den Anrufer",
    "erase_call": "Anruf löschen",
    "erase_title": "Anruf endgültig löschen",
    "erase_text": "Der Anruf, alles darin Gemessene und Gesagte und alle Notizen sind dann weg. Ein "
    "verbundener Anrufer wird getrennt. Niemand kann ihn zurückholen, auch nicht aus einer Sicherung. "
    "Zahlen je Tag bleiben.",
    "erase_id": "Anruf",
    "erase_reason": "Warum wird er gelöscht?",
    "erase_reason_hint": "Der Grund bleibt im Protokoll; nennen Sie darin bitte nicht den Anrufer.",
    "erase_confirm": "Zur Bestätigung die letzten vier Zeichen der Anrufnummer eingeben",
    "erase_differs": "Das sind nicht die letzten vier Zeichen der Anrufnummer.",
    "erase_no_reason": "Das hat nicht geklappt.",
    "erased_title": "Der Anruf ist gelöscht",
    "erased_text": "Davon ist nichts mehr gespeichert. Im Protokoll steht, dass Sie ihn gelöscht haben, "
    "wann und warum.",
}
PROTECTION_WORDS: Mapping[Lang, Mapping[str, str]] = MappingProxyType(
    {"en": MappingProxyType(_EN), "de": MappingProxyType(_DE)}
)

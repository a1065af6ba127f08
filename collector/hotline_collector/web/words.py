"""What the console's frame, its sign-in and its error pages say, in German and English."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from hotline_collector.model.units import Lang

_EN = {
    "title": "{operator}: desk",
    "skip": "Skip to the content",
    "menu": "Menu",
    "account": "Account",
    "sign_in": "Sign in",
    "sign_out": "Sign out",
    "name": "Name",
    "password": "Password",
    "other": "Deutsch",
    "wrong": "Name or password is wrong.",
    "form_old": "This form had run out. Please try once more.",
    "busy": "Too many attempts come in right now. Please try again in a moment.",
    "signed_in_as": "You are signed in as {name}.",
    "role": "Role",
    "agent": "agent",
    "lead": "lead",
    "admin": "admin",
    "language": "Language",
    "appearance": "Appearance",
    "auto": "as the system",
    "light": "light",
    "dark": "dark",
    "save": "Save",
    "error": "That did not work",
    "back": "Back to the desk",
    "details": "What the system says",
    "error_not_found": "There is no such page or call.",
    "error_invalid": "What was entered cannot be used.",
    "error_locked": "This must be unlocked first.",
    "error_conflict": "This does not fit how things stand now.",
    "error_unavailable": "This is not possible right now. Please try again.",
    "error_form": "This form had run out or was not sent by our page. Nothing was done; please try again.",
    "error_role": "Your role may not do this.",
    "error_store": "The collector cannot reach its store. Please try again.",
    "error_too_large": "That is too large. Nothing was done.",
    "error_busy": "Too much comes in right now. Please try again in a moment.",
    "error_failed": "The collector failed; its log says why.",
    "error_plain": "Passwords are not taken over an unprotected connection. Open this page with https, or on "
    "the collector itself.",
}
_DE = {
    "title": "{operator}: Arbeitsplatz",
    "skip": "Zum Inhalt springen",
    "menu": "Menü",
    "account": "Konto",
    "sign_in": "Anmelden",
    "sign_out": "Abmelden",
    "name": "Name",
    "password": "Passwort",
    "other": "English",
    "wrong": "Name oder Passwort ist falsch.",
    "form_old": "Dieses Formular war abgelaufen. Bitte versuchen Sie es noch einmal.",
    "busy": "Gerade gibt es zu viele Versuche auf einmal. Bitte versuchen Sie es gleich noch einmal.",
    "signed_in_as": "Sie sind als {name} angemeldet.",
    "role": "Rolle",
    "agent": "Berater",
    "lead": "Leitung",
    "admin": "Verwaltung",
    "language": "Sprache",
    "appearance": "Aussehen",
    "auto": "wie das System",
    "light": "hell",
    "dark": "dunkel",
    "save": "Speichern",
    "error": "Das ging nicht",
    "back": "Zurück zum Arbeitsplatz",
    "details": "Was das System meldet",
    "error_not_found": "Diese Seite oder diesen Anruf gibt es nicht.",
    "error_invalid": "Die Eingabe kann nicht verwendet werden.",
    "error_locked": "Das muss erst freigegeben werden.",
    "error_conflict": "Das passt nicht zum jetzigen Stand.",
    "error_unavailable": "Das geht gerade nicht. Bitte versuchen Sie es noch einmal.",
    "error_form": "Dieses Formular war abgelaufen oder kam nicht von unserer Seite. Es ist nichts geschehen; "
    "bitte versuchen Sie es noch einmal.",
    "error_role": "Ihre Rolle darf das nicht.",
    "error_store": "Der Speicher ist nicht erreichbar. Bitte versuchen Sie es noch einmal.",
    "error_too_large": "Das ist zu groß. Es ist nichts geschehen.",
    "error_busy": "Gerade kommt zu viel auf einmal. Bitte versuchen Sie es gleich noch einmal.",
    "error_failed": "Auf dem Server ist ein Fehler aufgetreten; sein Protokoll sagt, warum.",
    "error_plain": "Über eine ungeschützte Verbindung wird kein Passwort angenommen. Öffnen Sie die Seite "
    "mit https oder auf dem Server selbst.",
}
WORDS: Mapping[Lang, Mapping[str, str]] = MappingProxyType(
    {"en": MappingProxyType(_EN), "de": MappingProxyType(_DE)}
)

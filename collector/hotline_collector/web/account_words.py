"""What the pages of one's own account say, and those behind links that work once."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from hotline_collector.model.units import Lang

_EN = {
    "account_taste": "Language and appearance",
    "kept_with_account": "Kept with your account, for every browser.",
    "change_password": "Change password",
    "old_password": "Present password",
    "old_wrong": "The present password is wrong. Nothing was changed.",
    "password_ends": "A new password signs this account out everywhere else.",
    "account_sessions": "Where you are signed in",
    "account_device": "Browser or program",
    "some_browser": "A browser",
    "command_line": "hotline (command line)",
    "account_this_one": "this one",
    "signed_in_at": "Signed in",
    "account_last_used": "Last used",
    "account_end": "End",
    "account_end_session": "Sign out there",
    "account_end_others": "Sign out everywhere else",
    "done_taste": "Saved.",
    "done_password": "The password is changed. This account is signed out everywhere else.",
    "done_ended": "Signed out there.",
    "set_up_first": "Make the first account",
    "set_up_first_why": "This account may do everything: add agents, see the audit trail, use the desk. The "
    "link works once.",
    "set_up_password": "Choose your password",
    "set_up_password_why": "The link works once. Wherever this account is signed in, it ends.",
    "set_up_do": "Make the account",
    "name_hint": "Small letters, digits, dot, dash, underscore or @.",
    "name_refused": "This name is taken, or has characters other than small letters, digits, . - _ and @.",
    "new_password": "New password",
    "password_again": "New password once more",
    "password_hint": "At least 15 characters, any of them. A few words that have nothing to do with each "
    "other are good.",
    "set_password": "Set the password",
    "passwords_differ": "The two new passwords differ. Please type them again.",
    "password_short": "This password is too short: take at least 15 characters.",
    "password_long": "This password is too long: take at most 256 characters.",
    "password_known": "This password is made of the name of the account or the operator. Please take other "
    "words.",
    "password_repeats": "This password only repeats or counts on. Please take several words.",
    "link_gone": "This link does not work any more",
    "link_gone_why": "It was used, has run out, or a newer one was made. Ask whoever gave it to you for a "
    "new one; for the first account, start the collector again.",
}
_DE = {
    "account_taste": "Sprache und Aussehen",
    "kept_with_account": "Gilt für Ihr Konto, in jedem Browser.",
    "change_password": "Passwort ändern",
    "old_password": "Jetziges Passwort",
    "old_wrong": "Das jetzige Passwort ist falsch. Es wurde nichts geändert.",
    "password_ends": "Mit einem neuen Passwort wird dieses Konto überall sonst abgemeldet.",
    "account_sessions": "Wo Sie angemeldet sind",
    "account_device": "Browser oder Programm",
    "some_browser": "Ein Browser",
    "command_line": "hotline (Kommandozeile)",
    "account_this_one": "hier",
    "signed_in_at": "Angemeldet",
    "account_last_used": "Zuletzt benutzt",
    "account_end": "Beenden",
    "account_end_session": "Dort abmelden",
    "account_end_others": "Überall sonst abmelden",
    "done_taste": "Gespeichert.",
    "done_password": "Das Passwort ist geändert. Überall sonst wurde dieses Konto abgemeldet.",
    "done_ended": "Dort abgemeldet.",
    "set_up_first": "Das erste Konto anlegen",
    "set_up_first_why": "Dieses Konto darf alles: Berater hinzufügen, das Prüfprotokoll lesen, am "
    "Arbeitsplatz arbeiten. Der Link gilt einmal.",
    "set_up_password": "Passwort wählen",
    "set_up_password_why": "Der Link gilt einmal. Wo dieses Konto noch angemeldet ist, wird es abgemeldet.",
    "set_up_do": "Konto anlegen",
    "name_hint": "Kleinbuchstaben, Ziffern, Punkt, Bindestrich, Unterstrich oder @.",
    "name_refused": "Diesen Namen gibt es schon, oder er hat andere Zeichen als Kleinbuchstaben, Ziffern, . "
    "- _ und @.",
    "new_password": "Neues Passwort",
    "password_again": "Neues Passwort noch einmal",
    "password_hint": "Mindestens 15 Zeichen, gleich welche. Gut sind einige Wörter, die nichts miteinander "
    "zu tun haben.",
    "set_password": "Passwort setzen",
    "passwords_differ": "Die beiden neuen Passwörter sind verschieden. Bitte geben Sie sie noch einmal ein.",
    "password_short": "Dieses Passwort ist zu kurz: Nehmen Sie mindestens 15 Zeichen.",
    "password_long": "Dieses Passwort ist zu lang: Nehmen Sie höchstens 256 Zeichen.",
    "password_known": "Dieses Passwort besteht aus dem Namen des Kontos oder des Betreibers. Bitte nehmen "
    "Sie andere Wörter.",
    "password_repeats": "Dieses Passwort wiederholt sich nur oder zählt weiter. Bitte nehmen Sie mehrere "
    "Wörter.",
    "link_gone": "Dieser Link gilt nicht mehr",
    "link_gone_why": "Er wurde benutzt, ist abgelaufen, oder es gibt einen neueren. Bitten Sie um einen "
    "neuen; für das erste Konto starten Sie den Server noch einmal.",
}
ACCOUNT_WORDS: Mapping[Lang, Mapping[str, str]] = MappingProxyType(
    {"en": MappingProxyType(_EN), "de": MappingProxyType(_DE)}
)

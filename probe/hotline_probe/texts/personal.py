"""What each personal fact is in plain words, for the question whether it may be seen.

Facts that are the same to a caller share their words, which are then read once.
"""

from __future__ import annotations

from collections.abc import Mapping

_PROGRAMS = {"en": "names of programs", "de": "Namen von Programmen"}
_PRINTERS = {"en": "names and addresses of your printers", "de": "Namen und Adressen Ihrer Drucker"}
_MAIL_SERVERS = {"en": "the names of your mail servers", "de": "die Namen Ihrer Mailserver"}

PERSONAL: Mapping[str, Mapping[str, str]] = {
    "process.name": _PROGRAMS,
    "system.update.program": _PROGRAMS,
    "net.connections.top_owner": {
        "en": "the program with most connections",
        "de": "das Programm mit den meisten Verbindungen",
    },
    "host.name": {"en": "the name of this computer", "de": "der Name dieses Computers"},
    "net.wifi.name": {"en": "the name of your Wi-Fi", "de": "der Name Ihres WLANs"},
    "net.address.value": {"en": "this computer's addresses", "de": "die Adressen dieses Computers"},
    "net.proxy.host": {"en": "the name of the proxy", "de": "der Name des Proxys"},
    "net.portal.host": {
        "en": "the name of your network's sign-in page",
        "de": "der Name der Anmeldeseite Ihres Netzes",
    },
    "net.trace.last": {
        "en": "the last address on the way to what is checked",
        "de": "die letzte Adresse auf dem Weg zum Geprüften",
    },
    "check.tls_issuer": {
        "en": "who vouches for the encryption of what is checked",
        "de": "wer für die Verschlüsselung des Geprüften bürgt",
    },
    "security.remote.programs": {"en": "programs for remote control", "de": "Programme für Fernsteuerung"},
    "printer.name": _PRINTERS,
    "printer.host": _PRINTERS,
    "mail.server.host": _MAIL_SERVERS,
    "mail.server.check": _MAIL_SERVERS,
    "hw.accessory.name": {
        "en": "makers' names of wireless mice, keyboards and headsets",
        "de": "die Bezeichnungen von Funkmaus, Funktastatur und Kopfhörer",
    },
}

"""What each personal fact is in plain words, for the question whether it may be seen."""

from __future__ import annotations

from collections.abc import Mapping

PERSONAL: Mapping[str, Mapping[str, str]] = {
    "process.name": {"en": "names of programs", "de": "Namen von Programmen"},
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
}

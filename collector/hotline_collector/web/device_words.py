"""The words about devices of a call, in both languages."""

from __future__ import annotations

from collections.abc import Mapping

from hotline_collector.model.units import Lang

DEVICE_WORDS: Mapping[Lang, Mapping[str, str]] = {
    "en": {
        "device_add_label": "Device in the caller's network to read, such as ssh://admin@192.168.1.1",
        "device_fingerprint_label": "Its host key's fingerprint, if you know it",
        "device_add": "Ask the caller",
        "device_key": "host key {fingerprint}",
        "device_here_label": "Device to read from here, without the caller's computer",
        "device_here": "Read it",
        "device_owner_agrees": "The owner of the device agrees",
        "device_begun": "The collector connects to the device; its line below tells how that goes.",
        "device_asked": "The caller is asked on their own screen whether this device may be read.",
    },
    "de": {
        "device_add_label": "Gerät im Netz des Anrufers, das gelesen werden soll, etwa ssh://admin@192.168.1.1",
        "device_fingerprint_label": "Fingerabdruck seines Schlüssels, falls bekannt",
        "device_add": "Anrufer fragen",
        "device_key": "Schlüssel {fingerprint}",
        "device_here_label": "Gerät, das von hier aus gelesen werden soll, ohne den Computer des Anrufers",
        "device_here": "Lesen",
        "device_owner_agrees": "Der Besitzer des Geräts ist einverstanden",
        "device_begun": "Der Collector verbindet sich mit dem Gerät; wie es steht, sagt dessen Zeile unten.",
        "device_asked": "Der Anrufer wird am eigenen Bildschirm gefragt, ob das Gerät gelesen werden darf.",
    },
}

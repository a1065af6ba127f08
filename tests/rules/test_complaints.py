"""What callers say, in their own words, against the shipped lexicon."""

from __future__ import annotations

from pathlib import Path

import hotline_rules
import pytest
from hotline_collector.engine.complaint import matching_entries
from hotline_collector.rulepack.loader import load_folder
from hotline_proto.catalogue import load_catalogue

LEXICON = load_folder(Path(hotline_rules.__file__).parent, load_catalogue()).pack.lexicon


@pytest.mark.parametrize(
    ("complaint", "entry"),
    [
        ("Mein Internet geht seit gestern nicht", "internet.down"),
        ("Ich komm nicht mehr ins Netz, alles offline", "internet.down"),
        ("Interent weg!!", "internet.down"),
        ("Es geht gar nichts mehr", "internet.down"),
        ("internet keeps dropping", "internet.down"),
        ("Die Seiten laden ewig", "web.slow"),
        ("Nur die Seite meiner Bank geht nicht auf", "web.one_site"),
        ("The web page says connection refused", "web.one_site"),
        ("Mein Rechner ist total langsam", "computer.slow"),
        ("Der PC HÄNGT dauernd", "computer.slow"),
        ("Der PC haengt dauernd", "computer.slow"),
        ("the program is stuck", "computer.slow"),
        ("Die Festplatte ist voll", "disk.full"),
        ("no space left on my laptop", "disk.full"),
        ("Ich kann das Dokument nicht speichern", "cannot.save"),
        ("I cannot save my file", "cannot.save"),
        ("Kann mich nicht einloggen", "login"),
        ("Outlook holt keine Mails", "mail"),
        ("Der Drukcer druckt nicht", "printer"),
        ("W-LAN bricht ab", "wifi"),
        ("no wifi in the bedroom", "wifi"),
        ("Netflix ruckelt", "video.stutters"),
        ("video call freezes", "video.stutters"),
        ("Der Browser zeigt einen Zertifikatsfehler", "certificate"),
        ("Die Uhr am Computer geht falsch", "clock.wrong"),
        ("Word stürzt immer ab", "crash"),
        ("Unser Server antwortet nicht", "service.down"),
        ("USB Stick wird nicht erkannt", "usb.device"),
    ],
)
def test_complaint_is_understood(complaint: str, entry: str) -> None:
    assert entry in [found.id for found in matching_entries(complaint, LEXICON)]


@pytest.mark.parametrize(
    "complaint",
    [
        "Ich rufe wegen meiner Rechnung an",
        "Um 10 Uhr kam niemand",
        "Seit Dienstag warte ich auf einen Rückruf",
        "I would like to cancel my contract",
    ],
)
def test_what_is_no_fault_matches_nothing(complaint: str) -> None:
    assert matching_entries(complaint, LEXICON) == []

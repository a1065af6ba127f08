"""What the page says that makes a call from a file, and the way back: a call as a file."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from hotline_collector.model.units import Lang

_EN = {
    "import_link": "Call from a file (.hlb)",
    "import_title": "Open a call from a file",
    "import_text": "For a computer that cannot connect: with hotline-probe --bundle the caller's program "
    "writes into a file what it measured. A call that was saved as a file is opened in the same way. "
    "Such a call is closed from the beginning: it can be looked at and reported, but nothing can be asked "
    "or done.",
    "import_file": "File",
    "import_hint": "Ends with .hlb, at most {size} MiB. An encrypted file must be for this installation.",
    "import_complaint": "What does the caller say is wrong? Empty: as the file says",
    "import_do": "Open",
    "import_failed": "No call was opened:",
    "import_nothing": "Please choose a file.",
    "import_done": "The call is opened, with {number} findings.",
    "import_left_out": "This does not fit the rules in use and was left out:",
    "import_look": "Look at the call",
    "report_record": "everything measured, as a file (.hlb)",
}
_DE = {
    "import_link": "Anruf aus einer Datei (.hlb)",
    "import_title": "Anruf aus einer Datei anlegen",
    "import_text": "Für einen Computer ohne Verbindung: Mit hotline-probe --bundle schreibt das Programm des "
    "Anrufers in eine Datei, was es gemessen hat. Auch ein als Datei gesicherter Anruf wird so geöffnet. Ein "
    "solcher Anruf ist von Anfang an beendet: Man kann ihn ansehen und einen Bericht erstellen, aber nichts "
    "mehr fragen oder tun.",
    "import_file": "Datei",
    "import_hint": "Endet auf .hlb, höchstens {size} MiB. Verschlüsselte müssen für diese Installation sein.",
    "import_complaint": "Was ist laut Anrufer nicht in Ordnung? Leer: wie in der Datei",
    "import_do": "Anlegen",
    "import_failed": "Es wurde kein Anruf angelegt:",
    "import_nothing": "Bitte wählen Sie eine Datei.",
    "import_done": "Der Anruf ist angelegt, mit {number} Befunden.",
    "import_left_out": "Das passt nicht zu den Regeln in Gebrauch und blieb weg:",
    "import_look": "Anruf ansehen",
    "report_record": "alles Gemessene als Datei (.hlb)",
}
IMPORT_WORDS: Mapping[Lang, Mapping[str, str]] = MappingProxyType(
    {"en": MappingProxyType(_EN), "de": MappingProxyType(_DE)}
)

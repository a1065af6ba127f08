"""What the pages for callers say, in German and English."""

from __future__ import annotations

from collections.abc import Mapping

from hotline_collector.model.units import Lang

PAGE_TEXTS: Mapping[Lang, Mapping[str, str]] = {
    "en": {
        "title": "{operator}: remote help",
        "other": "Deutsch",
        "did_you_call": "Did you call us?",
        "else_stop": "If somebody called you and asked you to open this page: stop and hang up.",
        "what": "A small program lets our agent see technical facts of the computer that has the "
        "problem. It cannot see your screen, your files or your passwords. It shows what it "
        "would send and asks you first.",
        "ask_code": "Our agent gives you a code or a link. With the code: enter it here.",
        "code": "Code, 12 digits",
        "go": "Continue",
        "bad_code": "This is not a code. It has 12 digits; please compare it once more with what you hear.",
        "get_program": "1. Get the program",
        "warns": "What your system says, and why",
        "windows": "Windows",
        "macos": "macOS",
        "linux": "Linux",
        "python": "Any system with Python 3.11 or newer",
        "warn_windows": "“Windows protected your PC”: choose “More info”, then “Run anyway”. Windows says "
        "this "
        "of every program that few people have used so far.",
        "warn_macos": "“Apple could not verify …”: open System Settings, Privacy & Security, and choose “Open"
        " Anyway”.",
        "warn_linux": "A downloaded file may not be started at first; the first of the lines below allows "
        "it.",
        "warn_python": "It is started from a terminal with the line below.",
        "none": "The program is already on your computer, or our agent tells you how to get it.",
        "start": "2. Start it",
        "start_with": "In a terminal:",
        "or_paste": "If it asks for a code or link, give it this:",
        "then": "3. Read the two words aloud",
        "words": "The program shows two words. Read them to our agent: they prove that both of you see "
        "the same call.",
        "end": "You can end it at any time with Ctrl-C or the button “End”. Nothing of it stays on "
        "your computer; the file you downloaded can be deleted.",
        "digest": "SHA-256",
        "result_what": "This is what your computer found out by itself: that something is right, wrong or "
        "unknown, "
        "and nothing else. Send it to our agent?",
        "result_send": "Send",
        "result_or_read": "Or read these numbers aloud:",
        "result_read": "Read these numbers to our agent:",
        "result_sent": "Thank you, our agent has it now. You can close this page.",
        "result_bad_digits": "This address is damaged: please scan the picture on your computer once more.",
        "result_no_such_code": "The code of your call is not valid any more, so the page cannot send "
        "this. Please read "
        "the numbers aloud.",
        "result_other_rules": "This program is older or newer than our rules. Please tell our agent.",
        "result_connected": "Your computer is connected to our agent again; this is no longer needed.",
        "result_busy": "Too much comes in right now. Please press the button again in a moment.",
    },
    "de": {
        "title": "{operator}: Fernhilfe",
        "other": "English",
        "did_you_call": "Haben Sie uns angerufen?",
        "else_stop": "Wenn jemand Sie angerufen und auf diese Seite geschickt hat: Brechen Sie ab und legen "
        "Sie auf.",
        "what": "Ein kleines Programm zeigt unserem Berater technische Werte des Computers, der das "
        "Problem hat. Es sieht weder Ihren Bildschirm noch Ihre Dateien oder Passwörter. Es "
        "zeigt, was es senden würde, und fragt Sie vorher.",
        "ask_code": "Unser Berater gibt Ihnen einen Code oder einen Link. Den Code geben Sie hier ein.",
        "code": "Code, 12 Ziffern",
        "go": "Weiter",
        "bad_code": "Das ist kein Code. Er hat 12 Ziffern; bitte vergleichen Sie ihn noch einmal.",
        "get_program": "1. Programm holen",
        "warns": "Was Ihr System dazu sagt, und warum",
        "windows": "Windows",
        "macos": "macOS",
        "linux": "Linux",
        "python": "Jedes System mit Python 3.11 oder neuer",
        "warn_windows": "„Der Computer wurde durch Windows geschützt“: Wählen Sie „Weitere "
        "Informationen“, dann"
        " „Trotzdem ausführen“. Das sagt Windows bei jedem Programm, das bisher nur wenige "
        "benutzt haben.",
        "warn_macos": "„Apple konnte … nicht überprüfen“: Öffnen Sie Systemeinstellungen, Datenschutz & "
        "Sicherheit, und wählen Sie „Dennoch öffnen“.",
        "warn_linux": "Eine geladene Datei darf anfangs nicht starten; die erste der Zeilen unten erlaubt "
        "es.",
        "warn_python": "Es wird im Terminal mit der Zeile unten gestartet.",
        "none": "Das Programm ist schon auf Ihrem Computer, oder unser Berater sagt Ihnen, woher Sie es"
        " bekommen.",
        "start": "2. Starten",
        "start_with": "Im Terminal:",
        "or_paste": "Fragt es nach Code oder Link, geben Sie dies ein:",
        "then": "3. Lesen Sie die zwei Wörter vor",
        "words": "Das Programm zeigt zwei Wörter. Lesen Sie sie unserem Berater vor: Sie beweisen, dass "
        "Sie beide dasselbe Gespräch sehen.",
        "end": "Mit Strg-C oder dem Knopf „Beenden“ endet es jederzeit. Nichts davon bleibt auf Ihrem "
        "Computer; die geladene Datei können Sie löschen.",
        "digest": "SHA-256",
        "result_what": "Das hat Ihr Computer selbst herausgefunden: dass etwas stimmt, nicht stimmt oder "
        "unbekannt ist, "
        "sonst nichts. Soll unser Berater es bekommen?",
        "result_send": "Senden",
        "result_or_read": "Oder lesen Sie diese Zahlen vor:",
        "result_read": "Lesen Sie unserem Berater diese Zahlen vor:",
        "result_sent": "Danke, unser Berater hat es jetzt. Sie können diese Seite schließen.",
        "result_bad_digits": "Diese Adresse ist beschädigt: Bitte fotografieren Sie das Bild am Computer "
        "noch einmal ab.",
        "result_no_such_code": "Der Code Ihres Gesprächs gilt nicht mehr, darum kann die Seite nichts "
        "senden. Bitte lesen "
        "Sie die Zahlen vor.",
        "result_other_rules": "Dieses Programm ist älter oder neuer als unsere Regeln. Bitte sagen Sie es "
        "unserem Berater.",
        "result_connected": "Ihr Computer ist wieder mit unserem Berater verbunden; das hier wird nicht "
        "mehr gebraucht.",
        "result_busy": "Gerade kommt zu viel auf einmal. Bitte drücken Sie gleich noch einmal.",
    },
}

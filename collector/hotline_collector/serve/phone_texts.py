"""What the pages for callers with only a phone say, in German and English."""

from __future__ import annotations

from collections.abc import Mapping

from hotline_collector.model.units import Lang

PHONE_TEXTS: Mapping[Lang, Mapping[str, str]] = {
    "en": {
        "phone_only": "Only a phone at hand? Answer our agent's questions here.",
        "phone_what": "Answer our agent's questions with this phone. Nothing is installed, and this page does "
        "not see what else is on your phone.",
        "phone_ask_code": "Enter the code that our agent reads out.",
        "phone_start": "Start",
        "phone_bad_code": "This code is not valid, or not any more. Compare it once more with what you hear, or "
        "ask our agent for a new one.",
        "phone_busy": "Too many codes come in right now. Please try again in a moment.",
        "phone_plain": "This page needs an encrypted connection (https), and this one is not. Please answer our "
        "agent on the phone.",
        "phone_failed": "That did not work. Please try once more.",
        "phone_often": "That was very fast. Please wait a moment and try again.",
        "phone_dont_know": "I don't know",
        "phone_answer": "Answer",
        "phone_your_answer": "Your answer",
        "phone_nothing": "Nothing to answer right now. The next question appears here by itself.",
        "phone_reload": "Show the next question",
        "phone_over": "The call has ended. You can close this page.",
        "phone_answers": "Your answers",
        "phone_change": "Change",
        "phone_keep": "Leave it as it is",
        "phone_path": "How well does this phone reach us?",
        "phone_path_why": "So our agent can tell whether it is the line or the computer. It says most while the "
        "phone uses the same Wi-Fi as the computer. The check takes a few seconds and sends a handful of small requests.",
        "phone_path_check": "Check",
        "phone_path_runs": "Checking …",
        "phone_rtt": "Round trip",
        "phone_loss": "Unanswered requests",
        "phone_family": "Connected by",
        "phone_offset": "Clock of the phone",
        "phone_network": "Network",
        "phone_ahead": "ahead",
        "phone_behind": "behind",
        "phone_share_what": "Our agent sees this only if you share it.",
        "phone_share": "Share with our agent",
        "phone_shared": "Thank you, our agent has it now.",
        "phone_leave": "End",
        "phone_left": "This phone is not part of the call any more. You can close this page.",
    },
    "de": {
        "phone_only": "Nur ein Telefon zur Hand? Beantworten Sie hier die Fragen unseres Beraters.",
        "phone_what": "Beantworten Sie die Fragen unseres Beraters mit diesem Telefon. Es wird nichts installiert, "
        "und diese Seite sieht nicht, was sonst auf Ihrem Telefon ist.",
        "phone_ask_code": "Geben Sie den Code ein, den unser Berater vorliest.",
        "phone_start": "Beginnen",
        "phone_bad_code": "Dieser Code gilt nicht oder nicht mehr. Vergleichen Sie ihn noch einmal mit dem, was Sie "
        "hören, oder bitten Sie unseren Berater um einen neuen.",
        "phone_busy": "Gerade kommen zu viele Codes an. Bitte versuchen Sie es gleich noch einmal.",
        "phone_plain": "Diese Seite braucht eine verschlüsselte Verbindung (https), und diese ist keine. Bitte "
        "antworten Sie unserem Berater am Telefon.",
        "phone_failed": "Das hat nicht geklappt. Bitte versuchen Sie es noch einmal.",
        "phone_often": "Das ging sehr schnell. Bitte warten Sie einen Moment und versuchen Sie es noch einmal.",
        "phone_dont_know": "Weiß ich nicht",
        "phone_answer": "Antworten",
        "phone_your_answer": "Ihre Antwort",
        "phone_nothing": "Gerade ist nichts zu beantworten. Die nächste Frage erscheint hier von selbst.",
        "phone_reload": "Nächste Frage zeigen",
        "phone_over": "Der Anruf ist beendet. Sie können diese Seite schließen.",
        "phone_answers": "Ihre Antworten",
        "phone_change": "Ändern",
        "phone_keep": "So lassen",
        "phone_path": "Wie gut erreicht uns dieses Telefon?",
        "phone_path_why": "So sieht unser Berater, ob es an der Leitung liegt oder am Computer. Am meisten sagt es, "
        "solange das Telefon im selben WLAN ist wie der Computer. Die Prüfung dauert wenige Sekunden und schickt eine "
        "Handvoll kleiner Anfragen.",
        "phone_path_check": "Prüfen",
        "phone_path_runs": "Die Prüfung läuft …",
        "phone_rtt": "Hin und zurück",
        "phone_loss": "Anfragen ohne Antwort",
        "phone_family": "Verbunden über",
        "phone_offset": "Uhr des Telefons",
        "phone_network": "Netz",
        "phone_ahead": "vor",
        "phone_behind": "nach",
        "phone_share_what": "Unser Berater sieht das nur, wenn Sie es freigeben.",
        "phone_share": "Für unseren Berater freigeben",
        "phone_shared": "Danke, unser Berater hat es jetzt.",
        "phone_leave": "Beenden",
        "phone_left": "Dieses Telefon gehört nicht mehr zum Anruf. Sie können diese Seite schließen.",
    },
}

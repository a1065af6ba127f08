"""What a call's page says about causes and cures, in German and English."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from hotline_collector.model.units import Lang

_EN = {
    "step_next_fix": "Propose the next fix",
    "step_hand_over": "Hand the call over",
    "say_to_caller": "Say to the caller",
    "do_yourself": "What you do yourself",
    "steps_for_agent": "your turn",
    "progress": "Progress",
    "asks_caller_now": "The caller is being asked on their own screen.",
    "before_after": "Facts concerned, before and after",
    "before": "Before",
    "after": "Now",
    "propose_next": "Propose next: {title}",
    "effort_click": "one click for the caller",
    "effort_steps_one": "one step for the caller",
    "effort_steps": "{number} steps for the caller",
    "effort_none": "nothing to do for the caller",
    "effort_visit": "needs a visit",
    "expect": "If this is the cause, within {time} you will see:",
    "expect_gone": "the evidence above is gone",
    "why": "Why?",
    "why_cause": "It cures “{title}”, which explains the complaint with a confidence of {value} %.",
    "why_order": "Of the cures known for this cause it is number {number}; the best comes first.",
    "why_proof": "Whether it helped is measured, not believed: only fresh readings make it “verified”.",
    "why_risk_none": "It changes nothing on the computer.",
    "why_risk_low": "It changes little, and can be taken back.",
    "why_risk_medium": "It may interrupt what the caller is doing; say so first.",
    "why_risk_high": "It may lose unsaved work or the connection; have the caller save everything first.",
    "why_step_safety": "Nothing is worth an injury. While the danger lasts every other fix is locked.",
    "why_step_answer": "Only the caller can know this, and the answer rules out most of what it could be.",
    "why_step_code": "With the code the caller's computer joins this call and begins to measure.",
    "why_step_words": "Both screens show the same two words only if nobody sits in between and it is the "
    "right call.",
    "why_step_wait": "The computer works on it, or readings are on their way; clicking would not hasten it.",
    "why_step_done": "Until you say that the steps are done, nothing is measured that could prove them.",
    "why_step_close": "Fresh readings show that the fault is gone; now the caller's own word counts.",
    "why_step_propose": "The readings point to the cause ranked first. Its first fix is the one that most "
    "often helps with the least effort.",
    "why_step_look": "Nothing measured so far explains the complaint. What the caller sees, or a check of "
    "what they name, narrows it down.",
    "why_step_next_fix": "The last fix was measured not to have helped, or was not carried out. The next one "
    "for this cause is ready.",
    "why_step_hand_over": "Every fix known for these causes was tried. Whoever takes over sees what was "
    "measured and tried.",
    "key_undo": "take the newest fix back",
    "key_measure": "measure what is missing",
    "key_disagree": "disagree with the first cause",
    "key_why": "why this step",
    "key_close": "close the call",
    "decides_between": "Decides about: {titles}",
    "asking_takes": "about {time}",
    "settle_ask": "Ask now:",
    "settle_measure": "Measure now",
    "settle_check": "Have a page or server checked",
    "settle_join": "The caller's computer must be connected first.",
    "measuring": "It is being measured; the readings arrive in a moment.",
}
_DE = {
    "step_next_fix": "Die nächste Abhilfe vorschlagen",
    "step_hand_over": "Den Anruf weitergeben",
    "say_to_caller": "Dem Anrufer sagen",
    "do_yourself": "Was Sie selbst tun",
    "steps_for_agent": "Sie sind dran",
    "progress": "Fortschritt",
    "asks_caller_now": "Der Anrufer wird gerade auf seinem Bildschirm gefragt.",
    "before_after": "Betroffene Messwerte vorher und nachher",
    "before": "Vorher",
    "after": "Jetzt",
    "propose_next": "Als Nächstes vorschlagen: {title}",
    "effort_click": "ein Klick für den Anrufer",
    "effort_steps_one": "ein Handgriff für den Anrufer",
    "effort_steps": "{number} Handgriffe für den Anrufer",
    "effort_none": "der Anrufer muss nichts tun",
    "effort_visit": "ein Besuch ist nötig",
    "expect": "Ist das die Ursache, sehen Sie binnen {time}:",
    "expect_gone": "die Belege oben gelten nicht mehr",
    "why": "Warum?",
    "why_cause": "Sie behebt „{title}“; das erklärt das Anliegen mit einer Sicherheit von {value} %.",
    "why_order": "Unter den bekannten Abhilfen für diese Ursache ist sie Nummer {number}; die beste kommt "
    "zuerst.",
    "why_proof": "Ob sie geholfen hat, wird gemessen, nicht geglaubt: Erst neue Messwerte beweisen es.",
    "why_risk_none": "Sie ändert nichts am Computer.",
    "why_risk_low": "Sie ändert wenig und lässt sich zurücknehmen.",
    "why_risk_medium": "Sie kann unterbrechen, was der Anrufer gerade tut; sagen Sie es vorher.",
    "why_risk_high": "Ungespeichertes oder die Verbindung kann verloren gehen; lassen Sie vorher alles "
    "speichern.",
    "why_step_safety": "Nichts ist eine Verletzung wert. Solange die Gefahr besteht, ist alles andere "
    "gesperrt.",
    "why_step_answer": "Das kann nur der Anrufer wissen, und die Antwort schließt das meiste aus, was es "
    "sein könnte.",
    "why_step_code": "Mit dem Code tritt der Computer des Anrufers diesem Anruf bei und beginnt zu messen.",
    "why_step_words": "Beide Bildschirme zeigen nur dann dieselben zwei Wörter, wenn niemand dazwischen "
    "sitzt und es der richtige Anruf ist.",
    "why_step_wait": "Der Computer arbeitet daran, oder Messwerte sind unterwegs; Klicken beschleunigt "
    "nichts.",
    "why_step_done": "Bevor Sie sagen, dass die Schritte erledigt sind, wird nichts gemessen, was sie "
    "beweist.",
    "why_step_close": "Neue Messwerte zeigen, dass der Fehler weg ist; jetzt zählt das Wort des Anrufers.",
    "why_step_propose": "Die Messwerte sprechen für die erste Ursache. Ihre erste Abhilfe hilft am "
    "häufigsten mit dem geringsten Aufwand.",
    "why_step_look": "Nichts Gemessenes erklärt bisher das Anliegen. Was der Anrufer sieht, oder eine "
    "Prüfung dessen, was er nennt, grenzt es ein.",
    "why_step_next_fix": "Die letzte Abhilfe hat nachweislich nicht geholfen oder wurde nicht ausgeführt. "
    "Die nächste für diese Ursache steht bereit.",
    "why_step_hand_over": "Jede bekannte Abhilfe für diese Ursachen wurde versucht. Wer übernimmt, sieht, "
    "was gemessen und versucht wurde.",
    "key_undo": "die neueste Abhilfe zurücknehmen",
    "key_measure": "messen, was fehlt",
    "key_disagree": "der ersten Ursache widersprechen",
    "key_why": "warum dieser Schritt",
    "key_close": "den Anruf abschließen",
    "decides_between": "Entscheidet über: {titles}",
    "asking_takes": "etwa {time}",
    "settle_ask": "Jetzt fragen:",
    "settle_measure": "Jetzt messen",
    "settle_check": "Eine Seite oder einen Server prüfen lassen",
    "settle_join": "Erst muss der Computer des Anrufers verbunden sein.",
    "measuring": "Es wird gemessen; die Messwerte kommen gleich.",
}
CURE_WORDS: Mapping[Lang, Mapping[str, str]] = MappingProxyType(
    {"en": MappingProxyType(_EN), "de": MappingProxyType(_DE)}
)

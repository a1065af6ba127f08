"""Every word that the agent's command line says about a call, in both languages."""

from __future__ import annotations

import locale
import os
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from hotline_proto.v1 import agent_pb2 as pb

from hotline_collector.model.units import Lang

LANGUAGES: tuple[Lang, ...] = ("en", "de")


@dataclass(frozen=True, slots=True)
class Texts:
    """The words of one language; `words` holds states, severities and reasons by their wire names."""

    lang: Lang
    words: Mapping[str, str]
    call: str
    agent: str
    since: str
    opened_ago: str
    complaint: str
    no_complaint: str
    say_now: str
    outcome: str
    words_confirmed: str
    words_missing: str
    target: str
    link_since: str
    link_lost: str
    consent: str
    no_consent: str
    personal: str
    path: str
    via: str
    source: str
    causes: str
    no_causes: str
    suspected: str
    questions: str
    fixes: str
    also_noticed: str
    cleared: str
    plan: str
    disagreements: str
    disagreed: str
    because: str
    notes: str
    facts: str
    no_facts: str
    hazard: str
    stale: str
    since_onset: str
    evidence: str
    age: str
    explains: str
    look_alike: str
    possible_fix: str
    by: str
    risk: str
    undoable: str
    missing: str
    settle_question: str
    settle_source: str
    settle_consent: str
    settle_nothing: str
    answer: str
    dont_know: str
    any_text: str
    typed_by_caller: str
    waits_for_safety: str
    decides: str
    how: str
    seconds_left: str
    done_ago: str
    detail: str
    unknown: str
    no_calls: str
    no_records: str
    rule_record: str
    rule_confidence: str
    rule_prior: str
    unjudged: str
    outside: str
    outside_cause: str
    join_code: str
    join_address: str
    join_link: str
    join_page: str
    join_needs_link: str
    join_valid: str
    reconnecting: str
    reconnected: str
    ended: str
    help_title: str
    help_keys: str
    ask_check: str
    ask_note: str
    ask_words: str
    no_such_answer: str
    nothing_selected: str
    no_fix: str
    no_owner: str
    ask_owner: str
    yes_hint: str
    no_step: str
    no_undo: str
    no_question: str
    sent: str
    proposed: str
    cancel_hint: str
    did_check: str
    did_measure: str
    did_add_target: str
    did_read_from_here: str
    pin_key: str
    did_ask: str
    did_understand: str
    did_match: str
    no_match: str
    did_propose: str
    did_follow: str
    did_follow_none: str
    did_note: str
    did_erase: str
    ask_erase: str
    did_disagree: str
    did_close: str
    key_help: str
    key_quit: str
    key_next: str
    key_previous: str
    key_propose: str
    key_owner: str
    key_done: str
    key_undo: str
    key_answer: str
    key_check: str
    key_note: str
    key_words: str
    key_personal: str
    key_facts: str
    key_language: str

    def word(self, name: str) -> str:
        """Return the word for a state, severity, reason or status; an unknown one as it is."""
        return self.words.get(name, name)

    def more(self, trouble: str) -> str:
        """Return what can be done about a device that cannot be read; empty if there is nothing to say."""
        return self.words.get(f"more.{trouble}", "")

    def actor(self, name: str) -> str:
        """Return the word for who does a fix; an outcome of the same name reads differently."""
        return self.words.get(f"by.{name}", self.word(name))

    def text(self, text: pb.Text) -> str:
        """Return a text of the wire in this language, in the other one if it lacks."""
        first, second = (text.de, text.en) if self.lang == "de" else (text.en, text.de)
        return first or second


EN = Texts(
    lang="en",
    words=MappingProxyType(
        {
            "created": "created",
            "device.waiting": "the probe has not answered yet",
            "device.asked": "the caller is asked",
            "device.declined": "not allowed",
            "device.connecting": "connecting",
            "device.reading": "being read",
            "device.failed": "cannot be read",
            "device.ended": "not read any more",
            "reader.probe": "through the caller's computer",
            "reader.collector": "from the collector",
            "trouble.unreachable": "it cannot be reached",
            "trouble.no_ssh": "it does not speak SSH",
            "trouble.fritzbox": "a FRITZ!Box has no SSH",
            "more.fritzbox": (
                "What it tells without a password is read by the source homerouter of the caller's computer; "
                "for the line, that needs Home Network > Network > Network Settings > Transmit status "
                "information over UPnP. More is on its own pages: have http://fritz.box opened in the "
                "caller's browser, log in with the password on its label, then look at Internet > Online "
                "Monitor for the line and System > Event Log for what happened."
            ),
            "trouble.fritzbox_read": (
                "it is a FRITZ!Box, which has no SSH; what it tells without a password (TR-064) is read"
            ),
            "more.fritzbox_read": (
                "For the line, that needs Home Network > Network > Network Settings > Transmit status "
                "information over UPnP. More is on its own pages: Internet > Online Monitor, and System > "
                "Event Log."
            ),
            "trouble.too_slow": "it does not answer in time",
            "trouble.host_key_unknown": "nobody has confirmed its host key",
            "trouble.host_key_changed": "it shows another host key than before",
            "trouble.login_refused": "it refused the login",
            "trouble.key_locked": "its key needs a passphrase",
            "trouble.key_unreadable": "the key cannot be used",
            "trouble.too_old": "it offers only outdated encryption",
            "trouble.ended": "it ended the connection",
            "trouble.no_ssh_program": "the caller's program has no SSH",
            "trouble.not_allowed": "the caller's program does not read this address",
            "trouble.unsupported": "its system cannot be read",
            "trouble.forbidden": "its name leads to an address that is never read",
            "trouble.reader_failed": "the process that reads it has failed",
            "trouble.not_listed": "since the restart of the collector it is not in devices.allow any more",
            "trouble.login_gone": (
                "since the restart of the collector the file with its password or key cannot be read any "
                "more, and nobody can type it here: the operator puts it right under devices.allow; then "
                "have the device read again"
            ),
            "waiting": "waiting",
            "phone": "answers by phone",
            "active": "active",
            "closed": "closed",
            "solved": "solved",
            "second_level": "to second level",
            "technician": "to a technician",
            "erased": "erased",
            "abandoned": "abandoned",
            "imported": "read from a file",
            "connected": "connected",
            "joined": "joined, deciding about consent",
            "lost": "connection lost",
            "ended": "ended by the caller",
            "suspected": "suspected",
            "confirming": "confirming",
            "clearing": "clearing",
            "cleared": "cleared",
            "critical": "critical",
            "warning": "warning",
            "info": "info",
            "proposed": "proposed",
            "accepted": "accepted",
            "declined": "declined",
            "asked": "asked",
            "allowed": "allowed",
            "expired": "expired",
            "running": "running",
            "done": "done",
            "failed": "failed",
            "verifying": "verifying",
            "verified": "verified",
            "still_present": "still present",
            "met": "met",
            "unmet": "not met",
            "unknown": "not known",
            "regressed": "regressed",
            "could_not_verify": "could not verify",
            "undone": "undone",
            "not_collected": "not collected",
            "pending": "pending",
            "permission": "no permission",
            "timeout": "timeout",
            "unsupported": "not supported",
            "missing_tool": "tool missing",
            "stale": "stale",
            "unreachable": "unreachable",
            "ok": "ok",
            "partial": "partial",
            "caller": "caller",
            "agent": "agent",
            "operator": "operator",
            "browser": "phone",
            "caller_typed": "caller, typed",
            "probe": "probe",
            "by.technician": "technician",
            "none": "none",
            "low": "low",
            "medium": "medium",
            "high": "high",
            "basic": "basic",
            "personal": "personal",
            "computer": "computer",
        }
    ),
    call="Call {id}",
    agent="agent {name}",
    since="since {time}",
    opened_ago="opened {time} ago",
    complaint="Complaint: {text}",
    no_complaint="none given",
    say_now="SAY NOW: {text}",
    outcome="Outcome: {word}",
    words_confirmed="[ok] Two words confirmed: personal facts and actions are unlocked.",
    words_missing="[--] Two words not confirmed: personal facts and actions are locked.",
    target="Target {number} {name}",
    link_since="{word} since {time}",
    link_lost="connection lost since {time}, findings kept",
    consent="consent: {layers}",
    no_consent="consent: none yet",
    personal="personal facts: {word}",
    path="way out: {path}",
    via="via",
    source="source {name}: {status}",
    causes="CAUSES",
    no_causes="none found so far",
    suspected="SUSPECTED",
    questions="QUESTIONS",
    fixes="FIXES",
    also_noticed="ALSO NOTICED",
    cleared="CLEARED",
    plan="PLAN: {title}",
    disagreements="DISAGREEMENTS",
    disagreed="{name}, {when}: not {rule}, but {cause}",
    because="because: {reason}",
    notes="NOTES",
    facts="FACTS",
    no_facts="none yet",
    hazard="HAZARD",
    stale="stale",
    since_onset="for {time}",
    evidence="condition {condition}",
    age="{time} ago",
    explains="explains: {title}",
    look_alike="not to be confused with {title}: {tell}",
    possible_fix="fix {index}: {title}",
    by="by {who}",
    risk="risk {level}",
    undoable="can be undone",
    missing="missing: {fact} ({reason})",
    settle_question="ask question {name}",
    settle_source="source {name} can measure it",
    settle_consent="needs the caller's consent ({name})",
    settle_nothing="nothing can settle it at present",
    answer="answer: {value}",
    dont_know="don't know",
    any_text="TEXT",
    typed_by_caller="typed by the caller",
    waits_for_safety="waits: safety comes first",
    decides="decides: {rules}",
    how="how to find out: {text}",
    seconds_left="{time} left",
    done_ago="done {time} ago",
    detail="says: {text}",
    unknown="unknown ({reason})",
    no_calls="No open calls. Open one with: hotline call open",
    no_records="No closed call says anything about these rules yet.",
    rule_record="right {right}, wrong {wrong}",
    rule_confidence="confidence {value}",
    rule_prior="as written {value}",
    unjudged="{number} more not judged yet.",
    outside="CAUSES OUTSIDE THE PACK",
    outside_cause="{calls}× {cause} (instead of {rule})",
    join_code="Join code: ",
    join_address="Address:   ",
    join_link="Link:      ",
    join_page="Page:      ",
    join_needs_link="The caller needs the link; the code alone is enough only in this operator's own probe.",
    join_valid="Valid for {time}, once.",
    reconnecting="Connection to the collector lost; trying again ({reason})",
    reconnected="Connected to the collector again.",
    ended="The call is closed.",
    help_title="Keys",
    help_keys="any key closes this page",
    ask_check="What shall be checked? host:port or a URL",
    ask_note="Note",
    ask_words="Which two words does the caller read out?",
    no_such_answer="That is none of the answers, or may be several.",
    nothing_selected="There is no cause to choose yet.",
    no_fix="This cause has no fix to propose.",
    no_owner="The owner's word is for actions on a device that the collector reads.",
    ask_owner="Does the owner of {device} agree to “{title}”? It is done at once.",
    yes_hint="y = yes; it stands in the audit trail",
    no_step="No proposed fix waits for its steps to be done.",
    no_undo="No fix can be undone now.",
    no_question="There is no open question.",
    sent="Done: {what}",
    proposed="Proposed: {title}",
    cancel_hint="Enter sends, Esc cancels",
    did_check="Checking {target}; what lies in the caller's own network, they have to allow.",
    did_measure="{source} is being measured.",
    did_add_target="The caller is asked whether {address} may be read; it is target {target}.",
    did_read_from_here="The collector connects to {address}; it is target {target}.",
    pin_key='if it is right, the operator adds to its entry in devices.allow: fingerprint = "{fingerprint}"',
    did_ask="The caller is being asked.",
    did_understand="Understood: {facts} facts.",
    did_match="The words match.",
    no_match=(
        "these are not the words on the caller's screen; have them read once more. If they still "
        "differ, somebody sits between you, or you are on the wrong call: stop"
    ),
    did_propose="Proposed as fix {fix}.",
    did_follow="Following {plan}.",
    did_follow_none="Following no plan.",
    did_note="Noted.",
    did_erase="Erased.",
    ask_erase="Erase the call {call} with everything that is kept of it? It cannot be brought back.",
    did_disagree="Noted: not {rule}, but {cause}.",
    did_close="Closed: {outcome}.",
    key_help="help",
    key_quit="quit",
    key_next="next cause",
    key_previous="previous cause",
    key_propose="propose its first fix",
    key_owner="propose it, the owner agrees",
    key_done="steps done",
    key_undo="undo",
    key_answer="answer question",
    key_check="add check",
    key_note="note",
    key_words="enter the two words",
    key_personal="ask for personal facts",
    key_facts="facts",
    key_language="Deutsch",
)

DE = Texts(
    lang="de",
    words=MappingProxyType(
        {
            "created": "angelegt",
            "device.waiting": "das Programm hat noch nicht geantwortet",
            "device.asked": "der Anrufer wird gefragt",
            "device.declined": "nicht erlaubt",
            "device.connecting": "wird verbunden",
            "device.reading": "wird gelesen",
            "device.failed": "kann nicht gelesen werden",
            "device.ended": "wird nicht mehr gelesen",
            "reader.probe": "über den Computer des Anrufers",
            "reader.collector": "vom Collector aus",
            "trouble.unreachable": "es ist nicht erreichbar",
            "trouble.no_ssh": "es spricht kein SSH",
            "trouble.fritzbox": "eine FRITZ!Box hat kein SSH",
            "more.fritzbox": (
                "Was sie ohne Kennwort sagt, liest die Quelle homerouter des Computers des Anrufers; für die "
                "Leitung braucht das Heimnetz > Netzwerk > Netzwerkeinstellungen > Statusinformationen über "
                "UPnP übertragen. Mehr steht auf ihren eigenen Seiten: Der Anrufer öffnet http://fritz.box "
                "im Browser und meldet sich mit dem Kennwort vom Aufkleber an; Internet > Online-Monitor "
                "zeigt die Leitung, System > Ereignisse zeigt, was geschehen ist."
            ),
            "trouble.fritzbox_read": (
                "es ist eine FRITZ!Box, sie hat kein SSH; gelesen wird, was sie ohne Passwort sagt (TR-064)"
            ),
            "more.fritzbox_read": (
                "Für die Leitung muss dazu Heimnetz > Netzwerk > Netzwerkeinstellungen > Statusinformationen "
                "über UPnP übertragen eingeschaltet sein. Mehr steht auf ihren eigenen Seiten: Internet > "
                "Online-Monitor und System > Ereignisse."
            ),
            "trouble.too_slow": "es antwortet nicht rechtzeitig",
            "trouble.host_key_unknown": "niemand hat seinen Schlüssel bestätigt",
            "trouble.host_key_changed": "es zeigt einen anderen Schlüssel als früher",
            "trouble.login_refused": "es hat die Anmeldung abgelehnt",
            "trouble.key_locked": "sein Schlüssel braucht ein Kennwort",
            "trouble.key_unreadable": "der Schlüssel ist unbrauchbar",
            "trouble.too_old": "es bietet nur veraltete Verschlüsselung",
            "trouble.ended": "es hat die Verbindung beendet",
            "trouble.no_ssh_program": "das Programm des Anrufers hat kein SSH",
            "trouble.not_allowed": "das Programm des Anrufers liest diese Adresse nicht",
            "trouble.unsupported": "sein System kann nicht gelesen werden",
            "trouble.forbidden": "sein Name führt zu einer Adresse, die nie gelesen wird",
            "trouble.reader_failed": "der Prozess, der es liest, ist gescheitert",
            "trouble.not_listed": "seit dem Neustart des Collectors steht es nicht mehr in devices.allow",
            "trouble.login_gone": (
                "seit dem Neustart des Collectors ist die Datei mit Passwort oder Schlüssel nicht mehr "
                "lesbar, und hier kann es niemand eintippen: Der Betreiber bringt es unter devices.allow in "
                "Ordnung; lassen Sie das Gerät danach noch einmal lesen"
            ),
            "waiting": "wartet",
            "phone": "antwortet mit dem Telefon",
            "active": "aktiv",
            "closed": "abgeschlossen",
            "solved": "gelöst",
            "second_level": "an die zweite Ebene",
            "technician": "an einen Techniker",
            "erased": "gelöscht",
            "abandoned": "abgebrochen",
            "imported": "aus einer Datei gelesen",
            "connected": "verbunden",
            "joined": "beigetreten, liest die Einwilligung",
            "lost": "Verbindung weg",
            "ended": "vom Anrufer beendet",
            "suspected": "vermutet",
            "confirming": "wird bestätigt",
            "clearing": "geht zurück",
            "cleared": "behoben",
            "critical": "kritisch",
            "warning": "Warnung",
            "info": "Hinweis",
            "proposed": "vorgeschlagen",
            "accepted": "angenommen",
            "declined": "abgelehnt",
            "asked": "gefragt",
            "allowed": "erlaubt",
            "expired": "verfallen",
            "running": "läuft",
            "done": "erledigt",
            "failed": "fehlgeschlagen",
            "verifying": "wird nachgeprüft",
            "verified": "nachgewiesen",
            "still_present": "noch vorhanden",
            "met": "erfüllt",
            "unmet": "nicht erfüllt",
            "unknown": "nicht bekannt",
            "regressed": "wieder da",
            "could_not_verify": "nicht nachprüfbar",
            "undone": "zurückgenommen",
            "not_collected": "nicht erhoben",
            "pending": "steht aus",
            "permission": "keine Berechtigung",
            "timeout": "Zeit abgelaufen",
            "unsupported": "nicht unterstützt",
            "missing_tool": "Werkzeug fehlt",
            "stale": "veraltet",
            "unreachable": "nicht erreichbar",
            "ok": "in Ordnung",
            "partial": "teilweise",
            "caller": "Anrufer",
            "agent": "Berater",
            "operator": "Anbieter",
            "browser": "Telefon",
            "caller_typed": "Anrufer, getippt",
            "probe": "Sonde",
            "by.technician": "Techniker",
            "none": "keines",
            "low": "gering",
            "medium": "mittel",
            "high": "hoch",
            "basic": "Grunddaten",
            "personal": "persönliche Daten",
            "computer": "Computer",
        }
    ),
    call="Anruf {id}",
    agent="Berater {name}",
    since="seit {time}",
    opened_ago="angelegt vor {time}",
    complaint="Anliegen: {text}",
    no_complaint="keine genannt",
    say_now="JETZT SAGEN: {text}",
    outcome="Ergebnis: {word}",
    words_confirmed="[ok] Zwei Wörter bestätigt: persönliche Daten und Maßnahmen sind frei.",
    words_missing="[--] Zwei Wörter nicht bestätigt: persönliche Daten und Maßnahmen sind gesperrt.",
    target="Ziel {number} {name}",
    link_since="{word} seit {time}",
    link_lost="Verbindung weg seit {time}, Befunde bleiben",
    consent="Zustimmung: {layers}",
    no_consent="Zustimmung: noch keine",
    personal="Persönliches: {word}",
    path="Weg hinaus: {path}",
    via="über",
    source="Quelle {name}: {status}",
    causes="URSACHEN",
    no_causes="bisher keine gefunden",
    suspected="VERMUTET",
    questions="FRAGEN",
    fixes="ABHILFEN",
    also_noticed="AUSSERDEM AUFGEFALLEN",
    cleared="BEHOBEN",
    plan="PLAN: {title}",
    disagreements="WIDERSPRUCH",
    disagreed="{name}, {when}: nicht {rule}, sondern {cause}",
    because="Grund: {reason}",
    notes="NOTIZEN",
    facts="MESSWERTE",
    no_facts="noch keine",
    hazard="GEFAHR",
    stale="veraltet",
    since_onset="seit {time}",
    evidence="Bedingung {condition}",
    age="vor {time}",
    explains="erklärt: {title}",
    look_alike="nicht zu verwechseln mit {title}: {tell}",
    possible_fix="Abhilfe {index}: {title}",
    by="durch {who}",
    risk="Risiko: {level}",
    undoable="lässt sich zurücknehmen",
    missing="fehlt: {fact} ({reason})",
    settle_question="Frage {name} stellen",
    settle_source="Quelle {name} kann es messen",
    settle_consent="braucht die Zustimmung des Anrufers ({name})",
    settle_nothing="lässt sich zurzeit nicht klären",
    answer="Antwort: {value}",
    dont_know="weiß nicht",
    any_text="TEXT",
    typed_by_caller="vom Anrufer getippt",
    waits_for_safety="wartet: Sicherheit zuerst",
    decides="entscheidet: {rules}",
    how="so finden Sie es heraus: {text}",
    seconds_left="noch {time}",
    done_ago="erledigt vor {time}",
    detail="meldet: {text}",
    unknown="unbekannt ({reason})",
    no_calls="Keine offenen Anrufe. Einen anlegen mit: hotline call open",
    no_records="Noch sagt kein abgeschlossener Anruf etwas über diese Regeln.",
    rule_record="richtig {right}, falsch {wrong}",
    rule_confidence="Sicherheit {value}",
    rule_prior="laut Regel {value}",
    unjudged="{number} weitere noch nicht beurteilt.",
    outside="URSACHEN AUSSERHALB DER REGELN",
    outside_cause="{calls}× {cause} (statt {rule})",
    join_code="Code:      ",
    join_address="Adresse:   ",
    join_link="Link:      ",
    join_page="Seite:     ",
    join_needs_link="Der Anrufer braucht den Link; der Code allein genügt nur in der Sonde dieses Anbieters.",
    join_valid="Gilt {time}, einmal.",
    reconnecting="Verbindung zum Sammler weg; neuer Versuch läuft ({reason})",
    reconnected="Wieder mit dem Sammler verbunden.",
    ended="Der Anruf ist abgeschlossen.",
    help_title="Tasten",
    help_keys="jede Taste schließt diese Seite",
    ask_check="Was soll geprüft werden? host:port oder eine URL",
    ask_note="Notiz",
    ask_words="Welche zwei Wörter liest der Anrufer vor?",
    no_such_answer="Das ist keine der Antworten, oder es passen mehrere.",
    nothing_selected="Noch ist keine Ursache da.",
    no_fix="Zu dieser Ursache gibt es keine Abhilfe.",
    no_owner="Das Wort des Besitzers gilt für Aktionen auf einem Gerät, das der Collector liest.",
    ask_owner="Ist der Besitzer von {device} mit „{title}“ einverstanden? Es geschieht sofort.",
    yes_hint="j = ja; es steht im Protokoll",
    no_step="Keine vorgeschlagene Abhilfe wartet auf ihre Schritte.",
    no_undo="Keine Abhilfe lässt sich jetzt zurücknehmen.",
    no_question="Keine Frage ist offen.",
    sent="Erledigt: {what}",
    proposed="Vorgeschlagen: {title}",
    cancel_hint="Enter sendet, Esc bricht ab",
    did_check="{target} wird geprüft; was im eigenen Netz des Anrufers liegt, muss er erlauben.",
    did_measure="{source} wird gemessen.",
    did_add_target="Der Anrufer wird gefragt, ob {address} gelesen werden darf; es ist Ziel {target}.",
    did_read_from_here="Der Collector verbindet sich mit {address}; es ist Ziel {target}.",
    pin_key='stimmt er, ergänzt der Betreiber in devices.allow: fingerprint = "{fingerprint}"',
    did_ask="Der Anrufer wird gefragt.",
    did_understand="Verstanden: {facts} Werte.",
    did_match="Die Wörter stimmen überein.",
    no_match=(
        "das sind nicht die Wörter auf dem Bildschirm des Anrufers; lassen Sie sie noch einmal "
        "vorlesen. Stimmen sie wieder nicht, sitzt jemand dazwischen, oder es ist der falsche "
        "Anruf: brechen Sie ab"
    ),
    did_propose="Vorgeschlagen als Abhilfe {fix}.",
    did_follow="Der Plan ist jetzt {plan}.",
    did_follow_none="Jetzt gilt kein Plan.",
    did_note="Notiert.",
    did_erase="Gelöscht.",
    ask_erase="Den Anruf {call} mit allem löschen, was dazu gespeichert ist? Er ist dann endgültig weg.",
    did_disagree="Notiert: nicht {rule}, sondern {cause}.",
    did_close="Abgeschlossen: {outcome}.",
    key_help="Hilfe",
    key_quit="Ende",
    key_next="nächste Ursache",
    key_previous="vorige Ursache",
    key_propose="erste Abhilfe vorschlagen",
    key_owner="vorschlagen, der Besitzer ist einverstanden",
    key_done="Schritte erledigt",
    key_undo="zurücknehmen",
    key_answer="Frage beantworten",
    key_check="Prüfung hinzufügen",
    key_note="Notiz",
    key_words="zwei Wörter eingeben",
    key_personal="persönliche Daten erfragen",
    key_facts="Messwerte",
    key_language="English",
)

_BY_LANG: Mapping[Lang, Texts] = MappingProxyType({"en": EN, "de": DE})


def texts_for(lang: Lang) -> Texts:
    """Return the words of a language."""
    return _BY_LANG[lang]


def default_language(environ: Mapping[str, str] = os.environ) -> Lang:
    """Return German for a German locale, else English.

    The order of the variables is that of POSIX (XBD 8.2); elsewhere the system's own setting decides.
    """
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if environ.get(name):
            return "de" if environ[name].lower().startswith("de") else "en"
    return "de" if (locale.getlocale()[0] or "").lower().startswith(("de", "german")) else "en"

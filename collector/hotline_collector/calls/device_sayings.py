"""What the agent says when the only device of a call cannot be read: why, and what to tell the caller."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from hotline_proto.v1 import agent_pb2 as pb

from hotline_collector.model.rule import Text
from hotline_collector.model.targets import COMPUTER

if TYPE_CHECKING:
    from hotline_collector.calls.runtime import CallRuntime

# The one finding that says the same as a trouble does.
_KEY_CHANGED = "sec.device.key_changed"


@dataclass(frozen=True, slots=True)
class _Said:
    """What is said of a device in the caller's network, and of one that the collector reads."""

    probe: Text
    here: Text


def _same(en: str, de: str) -> _Said:
    return _Said(Text(en, de), Text(en, de))


_OPERATOR = Text(
    "Tell the caller that this is on our side, and let the operator put it right (devices.allow).",
    "Sagen Sie dem Anrufer, dass es an uns liegt, und lassen Sie es den Betreiber richten (devices.allow).",
)


def _ours(en: str, de: str) -> Text:
    return Text(f"{en} {_OPERATOR.en}", f"{de} {_OPERATOR.de}")


_CONNECTING = Text(
    "The device is being connected to. Tell the caller that this takes up to a minute.",
    "Die Verbindung zum Gerät wird aufgebaut. Sagen Sie dem Anrufer, dass das bis zu einer Minute dauert.",
)
_DECLINED = Text(
    "The device was not allowed. Tell the caller what reading it is good for, and ask once more only if "
    "they want it.",
    "Das Gerät wurde nicht erlaubt. Sagen Sie dem Anrufer, wozu das Lesen gut ist, und fragen Sie nur "
    "noch einmal, wenn er es möchte.",
)
_FAILED = _same(
    "The device cannot be read. Tell the caller so, and have it read once more; if that fails, too, go on "
    "with questions.",
    "Das Gerät kann nicht gelesen werden. Sagen Sie es dem Anrufer und lassen Sie es noch einmal lesen; "
    "scheitert auch das, machen Sie mit Fragen weiter.",
)
_WHY: Mapping[str, _Said] = MappingProxyType(
    {
        "unreachable": _same(
            "The device cannot be reached. Tell the caller: please look whether it is switched on and its "
            "cable is plugged in; then have it read again.",
            "Das Gerät ist nicht erreichbar. Sagen Sie dem Anrufer: Bitte sehen Sie nach, ob es "
            "eingeschaltet ist und das Kabel steckt; lassen Sie es danach noch einmal lesen.",
        ),
        "too_slow": _same(
            "The device is silent: it does not answer in time. Tell the caller: please look whether its "
            "lights are on; if nothing moves, switch it off and on once, and have it read again after two "
            "minutes.",
            "Das Gerät schweigt: Es antwortet nicht rechtzeitig. Sagen Sie dem Anrufer: Bitte sehen Sie "
            "nach, ob seine Lampen leuchten; tut sich nichts, einmal aus- und einschalten. Lassen Sie es "
            "nach zwei Minuten noch einmal lesen.",
        ),
        "no_ssh": _same(
            "The device answers, but SSH is not switched on there. Tell the caller: please switch SSH on "
            "in its settings, or name the right port; else go on with questions.",
            "Das Gerät antwortet, aber SSH ist dort nicht eingeschaltet. Sagen Sie dem Anrufer: Bitte "
            "schalten Sie SSH in den Einstellungen ein oder nennen Sie den richtigen Port; sonst machen "
            "Sie mit Fragen weiter.",
        ),
        "fritzbox": _same(
            "This is a FRITZ!Box, and it has no SSH. Tell the caller: please open http://fritz.box, log "
            "in, and read out what Internet > Online Monitor says.",
            "Das ist eine FRITZ!Box, und die hat kein SSH. Sagen Sie dem Anrufer: Bitte öffnen Sie "
            "http://fritz.box, melden Sie sich an und lesen Sie vor, was unter Internet > Online-Monitor "
            "steht.",
        ),
        "host_key_unknown": _Said(
            Text(
                "Nobody has confirmed the device's host key, so nothing was sent. Tell the caller: please "
                "compare the fingerprint on the screen with the device, and say yes only if it is the "
                "same.",
                "Niemand hat den Schlüssel des Geräts bestätigt, also wurde nichts gesendet. Sagen Sie "
                "dem Anrufer: Bitte vergleichen Sie den Fingerabdruck auf dem Bildschirm mit dem Gerät, "
                "und sagen Sie nur dann ja, wenn er gleich ist.",
            ),
            _ours(
                "The device's host key is not known here, so nothing was sent.",
                "Der Schlüssel des Geräts ist hier nicht bekannt, also wurde nichts gesendet.",
            ),
        ),
        "host_key_changed": _same(
            "Careful: the device shows another host key than before; nothing was sent. Ask the caller "
            "whether it was replaced or set up anew. If not, tell them to type no password there, and "
            "hand the call over.",
            "Vorsicht: Das Gerät zeigt einen anderen Schlüssel als früher; es wurde nichts gesendet. "
            "Fragen Sie den Anrufer, ob es ersetzt oder neu eingerichtet wurde. Wenn nicht, sagen Sie "
            "ihm, dass er dort kein Passwort eingeben soll, und geben Sie den Anruf weiter.",
        ),
        "login_refused": _Said(
            Text(
                "The device refused the login: the password or the user was wrong. Tell the caller: "
                "please look for the right password, often on its label; then have it read again.",
                "Das Gerät hat die Anmeldung abgelehnt: Passwort oder Benutzer waren falsch. Sagen Sie "
                "dem Anrufer: Bitte suchen Sie das richtige Passwort, oft steht es auf dem Aufkleber; "
                "lassen Sie das Gerät danach noch einmal lesen.",
            ),
            _ours(
                "The device refused the login: the operator's password or key is not right any more.",
                "Das Gerät hat die Anmeldung abgelehnt: Passwort oder Schlüssel des Betreibers stimmen "
                "nicht mehr.",
            ),
        ),
        "key_locked": _Said(
            Text(
                "The caller's key stayed locked. Tell the caller: please type the passphrase of the key "
                "once more, or leave it empty and use the password of the device.",
                "Der Schlüssel des Anrufers blieb verschlossen. Sagen Sie dem Anrufer: Bitte geben Sie "
                "das Kennwort des Schlüssels noch einmal ein, oder lassen Sie es leer und nehmen Sie das "
                "Passwort des Geräts.",
            ),
            _ours(
                "The operator's key for the device is locked, and its passphrase is not right.",
                "Der Schlüssel des Betreibers für das Gerät ist verschlossen, und sein Kennwort stimmt "
                "nicht.",
            ),
        ),
        "key_unreadable": _Said(
            Text(
                "The caller's key file cannot be used. Tell the caller: please start Hotline without "
                "--device-key and use the password of the device.",
                "Die Schlüsseldatei des Anrufers ist unbrauchbar. Sagen Sie dem Anrufer: Bitte starten "
                "Sie Hotline ohne --device-key und nehmen Sie das Passwort des Geräts.",
            ),
            _ours(
                "The operator's key file for the device cannot be used.",
                "Die Schlüsseldatei des Betreibers für das Gerät ist unbrauchbar.",
            ),
        ),
        "too_old": _same(
            "The device offers only outdated encryption and is not read. Tell the caller: it needs an "
            "update of its software; go on with questions.",
            "Das Gerät bietet nur veraltete Verschlüsselung und wird nicht gelesen. Sagen Sie dem "
            "Anrufer: Es braucht eine neuere Software; machen Sie mit Fragen weiter.",
        ),
        "ended": _same(
            "The device has ended the connection. Ask the caller whether it was switched off or restarts, "
            "and tell them to wait until it is back; then have it read again.",
            "Das Gerät hat die Verbindung beendet. Fragen Sie den Anrufer, ob es ausgeschaltet wurde oder "
            "neu startet, und sagen Sie ihm, dass er warten soll, bis es wieder da ist; lassen Sie es "
            "danach noch einmal lesen.",
        ),
        "unsupported": _same(
            "The device runs a system that cannot be read. Tell the caller so, and go on with questions.",
            "Das Gerät hat ein System, das nicht gelesen werden kann. Sagen Sie es dem Anrufer und machen "
            "Sie mit Fragen weiter.",
        ),
        "no_ssh_program": _same(
            "The caller's program cannot speak SSH. Tell the caller: please start the download of Hotline "
            "that contains it; a new code lets them join again.",
            "Das Programm des Anrufers kann kein SSH. Sagen Sie dem Anrufer: Bitte starten Sie den "
            "Download von Hotline, der es enthält; mit einem neuen Code kann er wieder beitreten.",
        ),
        "not_allowed": _same(
            "The caller's program never reads this address. Tell the caller: please read out the address "
            "of the device itself, and have that one read.",
            "Das Programm des Anrufers liest diese Adresse nie. Sagen Sie dem Anrufer: Bitte lesen Sie "
            "die Adresse des Geräts selbst vor; lassen Sie diese lesen.",
        ),
        "forbidden": _same(
            f"The device's name leads to an address that is never read. {_OPERATOR.en}",
            f"Der Name des Geräts führt zu einer Adresse, die nie gelesen wird. {_OPERATOR.de}",
        ),
        "reader_failed": _same(
            "The process that reads the device has failed. Tell the caller that this is on our side, and "
            "have the device read again; if that fails, too, tell the operator.",
            "Der Prozess, der das Gerät liest, ist gescheitert. Sagen Sie dem Anrufer, dass es an uns "
            "liegt, und lassen Sie das Gerät noch einmal lesen; scheitert auch das, sagen Sie es dem "
            "Betreiber.",
        ),
        "not_listed": _same(
            f"The device may not be read from here any more. {_OPERATOR.en}",
            f"Das Gerät darf von hier nicht mehr gelesen werden. {_OPERATOR.de}",
        ),
        "login_gone": _same(
            "Since the restart of the collector the operator's file with the password or key cannot be "
            f"read, and nobody can type it here. {_OPERATOR.en}",
            "Seit dem Neustart des Collectors ist die Datei des Betreibers mit Passwort oder Schlüssel "
            f"nicht lesbar, und hier kann es niemand eintippen. {_OPERATOR.de}",
        ),
    }
)
TROUBLES = frozenset(_WHY)


def say_of_device(call: CallRuntime, view: pb.CallView) -> Text | None:
    """Return what to say of the only device of a call, if it is in the way of everything else.

    What is known about something else goes before, a fix that was proposed, and questions once one of them
    is answered: then the agent has moved on.
    """
    if len(call.devices) != 1 or view.fixes or any(each.rule != _KEY_CHANGED for each in view.causes):
        return None
    if any(question.answer for question in view.questions):
        return None
    [device] = call.devices.values()
    said = _WHY.get(device.trouble, _FAILED)
    why = said.here if device.from_collector else said.probe
    match device.state:
        case "failed":
            return why
        case "ended" if device.trouble:
            return why
        case "declined":
            return why if device.trouble else _DECLINED
        case "connecting" if COMPUTER not in call.sessions and device.target not in call.sessions:
            return _CONNECTING
    return None

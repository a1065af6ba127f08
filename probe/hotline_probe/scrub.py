"""Finds secrets and personal patterns in texts.

Secrets and e-mail addresses go whatever the caller allowed; hardware and public addresses, home folders,
the caller's removable drives and own names become pseudonyms unless personal facts are allowed. Only these
classes are promised, in plain text and in the usual ways of writing it for programs.
"""

from __future__ import annotations

import contextlib
import re
import unicodedata
from collections.abc import Collection

from hotline_probe.addressbook import replace_addresses
from hotline_probe.pseudonyms import TOKEN, Pseudonyms
from hotline_probe.writings import OPAQUE, opaque, plainer

REMOVED = "[removed]"
# A text that still changes after so many rounds is built to confuse; nothing of it passes.
_ROUNDS = 8

# What may contain spaces is removed to the end of the line, a key to the end of the word.
_PHRASE_NAMES = (
    r"pass(?:word|wd|phrase|code|wort)?|pwd|kennwort|psk|pin|puk|otp|cookie|authorization|credentials?"
)
_KEY_NAMES = (
    r"secret|token|api[_-]?key|access[_-]?key(?:[_-]?id)?|private[_-]?key|secret[_-]?key|session[_-]?id|"
    r"sessid|signature|sig|auth"
)
_QUOTED = r"\"(?:[^\"\\]|\\.)*\"?|'(?:[^'\\]|\\.)*'?"
_SIGN = r"(?:\\?[\"'])?\s*(?:=>|:=|[:=]|%3[aAdD])\s*"

# A password may contain a slash or an @; a port is no password. Looked for only in words that hold an @,
# up to the last one, which keeps the cost in proportion to the length.
_ADDRESSED = re.compile(r"(?<!\S)\S+@")
_CREDENTIALS = re.compile(r"(://|%3a%2f%2f)[^\s/?#@]+:(?!\d{1,5}(?:[/?#]|\Z))[^\s@]*@", re.IGNORECASE)
# Each replacement leaves a text in which the same pattern finds only what it left.
_SECRETS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE | re.DOTALL), replacement)
    for pattern, replacement in (
        (r"-----BEGIN[^-]*PRIVATE KEY[^-]*-----.*?(?:-----END[^-]*-----|\Z)", REMOVED),
        (r"(://)[^\s/?#]*@", rf"\1{REMOVED}@"),
        (r"(%3a%2f%2f)[^\s/?#&]*%40", rf"\1{REMOVED}%40"),
        (rf"((?:{_PHRASE_NAMES}){_SIGN})(?:{_QUOTED}|[^\"'\s][^\n]*)", rf"\1{REMOVED}"),
        (rf"((?:{_KEY_NAMES}){_SIGN})(?:{_QUOTED}|[^\"'\s,;&]+)", rf"\1{REMOVED}"),
        (r"(--?(?:password|passwd|pass|passphrase|token|secret|api-?key|psk)\s+)\S+", rf"\1{REMOVED}"),
        (r"((?<!\S)(?:-u|--user)[ =]?[^\s:]+:)\S+", rf"\1{REMOVED}"),
        (r"(\bsshpass\s+-p\s*|\bmysql\w*\b[^\n]*?\s-p)(?!\s)\S+", rf"\1{REMOVED}"),
        (
            r"(\b(?:password|passwort|kennwort|passphrase|pin|puk)\s+(?:is|ist|lautet)\s)[^\n]+",
            rf"\1{REMOVED}",
        ),
        (r"(\bbearer\s+)\S+", rf"\1{REMOVED}"),
        (r"(\b(?:basic|digest|negotiate|ntlm)\s+)[a-z0-9+/_=-]{8,}", rf"\1{REMOVED}"),
        (r"(?:AKIA|ASIA|AIDA|AROA)[0-9A-Z]{12,}", REMOVED),
        (r"(?:gh[pousr]_|github_pat_|glpat-|xox[abeoprs]-|[srp]k_(?:live|test)_|npm_|hf_)[\w-]{8,}", REMOVED),
        (r"\bsk-[\w-]{20,}|AIza[\w-]{30,}|eyJ[\w-]{8,}\.[\w-]+(?:\.[\w-]*)?", REMOVED),
    )
)

_AT = r"(?:@|%40|\\u0040|&#64;|&#x40;|\(at\)|\[at\])"
_APART = r"\s@<>()\[\]:;,\"'/=&?"
# Beginning only where a word begins keeps the cost in proportion to the length.
_MAIL = re.compile(
    rf"(?<![^{_APART}])[^{_APART}]+{_AT}"
    r"(?:(?:[\w-]+(?:\.|%2e))+[^\W\d_]{2,}[\w-]*|\[?\d{1,3}(?:\.\d{1,3}){3}\]?)",
    re.IGNORECASE,
)
# systemd.unit(5): getty@tty1.service is no mailbox.
_UNIT = re.compile(
    r"[^@]+@[^@.]*\.(?:service|socket|target|mount|timer|slice|scope|device|path|swap|automount)",
)
_MAC = re.compile(
    r"(?<![0-9a-f])(?:[0-9a-f]{2}(?:([:_-])|%3a)[0-9a-f]{2}(?:(?:[:_-]|%3a)[0-9a-f]{2}){4}|"
    r"[0-9a-f]{4}\.[0-9a-f]{4}\.[0-9a-f]{4})(?![0-9a-f]|[:-][0-9a-f])|"
    # Without separators, and as systemd names adapters by it: enx, wlx, wwx (systemd.net-naming-scheme(7)).
    r"(?:(?<![0-9a-z])|(?<=\ben[xX])|(?<=\bwl[xX])|(?<=\bww[xX]))"
    r"(?=[a-f]*[0-9])(?=[0-9]*[a-f])[0-9a-f]{12}(?![0-9a-z])",
    re.IGNORECASE,
)
_SEPARATOR = r"(?:(?<![\\/])[\\/]+|%2f|%5c)"
_HOMES = (
    r"homes?\$?|users\$?|benutzer|profiles\$|documents and settings|dokumente und einstellungen|"
    rf"var{_SEPARATOR}mail|spool{_SEPARATOR}mail|cron{_SEPARATOR}(?:cron)?tabs"
)
_HOME = re.compile(
    rf"({_SEPARATOR}(?:{_HOMES}){_SEPARATOR}|(?<![\w/~.])~(?=[a-z_][\w.-]*[\\/]))"
    # With backslashes a name may contain spaces, as far as another backslash follows.
    r"((?<=\\)[^\\/:*?\"<>|%\n]+(?=\\)|[^\\/\s:;,\"'<>|%()\[\]{}]+)",
    re.IGNORECASE,
)
# Where systems put removable drives: by their owner and label, or by the label alone (macOS).
_DRIVE = re.compile(
    rf"({_SEPARATOR}media{_SEPARATOR})([^\\/\n:\"'%]+)({_SEPARATOR})([^\\/\n:\"'%]+)|"
    rf"({_SEPARATOR}volumes{_SEPARATOR})([^\\/\n:\"'%]+)",
    re.IGNORECASE,
)
# Mount units are named by their path (systemd-escape(1)).
_UNIT_PATH = re.compile(
    rf"(?<![\w-])((?:run-)?media|home)-({TOKEN.pattern}|[^\s\-./]+)(-[^\s.]+)?(?=\.(?:mount|automount|swap|device)\b)"
)
_SYSTEM_DRIVES = {"macintosh hd", "macintosh hd - data", "preboot", "recovery", "vm"}
_NOBODYS_HOME = {"public", "shared", "default", "all users", "guest", "lost+found"}
_NOBODYS_NAME = set(
    "root admin administrator user users guest nobody daemon system home host localhost localdomain local "
    "debian ubuntu linux fedora windows macos raspberrypi openwrt pi vm pc desktop laptop server".split()
)
_IN_ASCII = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})


class Scrubber:
    """Removes secrets and hides persons in texts; `users` and `hosts` are the caller's own names."""

    def __init__(self, pseudonyms: Pseudonyms, users: Collection[str], hosts: Collection[str]) -> None:
        self._pseudonyms = pseudonyms
        self._names: dict[str, tuple[str, str]] = {}
        for kind, names in (("host", hosts), ("person", users)):
            for name in names:
                if _is_telling(name):
                    self._names |= {spelt.lower(): (kind, name) for spelt in _spellings(name)}
        longest_first = sorted(self._names, key=len, reverse=True)
        own = "|".join(re.escape(name) for name in longest_first) or r"(?!)"
        self._own = re.compile(rf"(?<![^\W_])(?:{own})(?![^\W_])", re.IGNORECASE)
        self._own_or_token = re.compile(
            rf"(?P<token>{TOKEN.pattern}|{re.escape(REMOVED)})|{self._own.pattern}", re.IGNORECASE
        )

    def scrub(self, text: str, personal: bool) -> str:
        """Return a text as it may leave the machine; a second time changes nothing."""
        text = text.encode("utf-8", "replace").decode()
        for _ in range(_ROUNDS):
            scrubbed = self._revealing(self._once(text, personal), personal)
            if scrubbed == text:
                return text
            text = scrubbed
        return REMOVED

    def _revealing(self, text: str, personal: bool) -> str:
        """Return the text without its escapes if they hide something, else as it is."""
        for plain in (*plainer(text), text):
            for said in (plain, plain.replace("+", " ")):
                if said != text and self._once(said, personal) != said:
                    return said
        return text

    def _once(self, text: str, personal: bool) -> str:
        text = self._readable(text, personal)
        for pattern in OPAQUE:
            text = pattern.sub(lambda match: self._opaque(match[0], personal), text)
        return text

    def _opaque(self, run: str, personal: bool) -> str:
        hides = any(self._readable(said, personal) != said for said in opaque(run))
        return REMOVED if hides else run

    def _readable(self, text: str, personal: bool) -> str:
        if "@" in text:
            text = _ADDRESSED.sub(lambda match: _CREDENTIALS.sub(rf"\1{REMOVED}@", match[0]), text)
        for pattern, replacement in _SECRETS:
            text = pattern.sub(replacement, text)
        text = _MAIL.sub(self._mail, text)
        if personal:
            return text
        text = _MAC.sub(lambda match: self._pseudonyms.mac(match[0].lower().replace("%3a", ":")), text)
        text = replace_addresses(text, self._pseudonyms.address)
        text = _DRIVE.sub(self._drive, text)
        text = _HOME.sub(lambda match: match[1] + self._person(match[2]), text)
        text = _UNIT_PATH.sub(self._unit_path, text)
        return self._own_or_token.sub(self._name, text)

    def _mail(self, match: re.Match[str]) -> str:
        if _UNIT.fullmatch(match[0]) or match[0].startswith(REMOVED):
            return match[0]
        return self._pseudonyms.token("mail", re.sub(_AT, "@", match[0], flags=re.IGNORECASE))

    def _drive(self, match: re.Match[str]) -> str:
        if match[6] is not None:
            return match[5] + self._label(match[6])
        return match[1] + self._person(match[2]) + match[3] + self._label(match[4])

    def _unit_path(self, match: re.Match[str]) -> str:
        label = f"-{self._label(match[3][1:])}" if match[3] else ""
        return f"{match[1]}-{self._person(match[2])}{label}"

    def _person(self, name: str) -> str:
        if name.lower() in _NOBODYS_HOME or self._pseudonyms.is_token(name):
            return name
        return self._pseudonyms.token("person", name)

    def _label(self, label: str) -> str:
        if label.lower() in _SYSTEM_DRIVES or self._pseudonyms.is_token(label):
            return label
        return self._pseudonyms.token("value", label)

    def _name(self, match: re.Match[str]) -> str:
        token = match["token"]
        if token is None:
            return self._pseudonyms.token(*self._names[match[0].lower()])
        if token == REMOVED or self._pseudonyms.is_token(token):
            return token
        return self._own.sub(self._name_in_token, token)

    def _name_in_token(self, match: re.Match[str]) -> str:
        return self._pseudonyms.token(*self._names[match[0].lower()])


def _spellings(name: str) -> set[str]:
    """Return the ways in which a name is written: composed or not, in ASCII, as a domain name, misread."""
    composed = unicodedata.normalize("NFC", name.lower())
    found = {name.lower(), composed, unicodedata.normalize("NFD", composed)}
    if composed.isascii():
        return found
    found |= {composed.translate(_IN_ASCII), composed.encode().decode("latin-1").lower()}
    found.add(composed.encode().decode("cp1252", "ignore").lower())
    with contextlib.suppress(UnicodeError):  # not every name can be one of a domain (RFC 3490)
        found.add(composed.encode("idna").decode())
    return {spelt for spelt in found if len(spelt) > 1}


def _is_telling(name: str) -> bool:
    # A generic name says nothing about its owner, and would tear holes into innocent texts.
    return len(name) > 1 and name.lower() not in _NOBODYS_NAME and not name.isdigit()

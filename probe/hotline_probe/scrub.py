"""Finds secrets and personal patterns in texts.

Secrets and e-mail addresses go whatever the caller allowed; hardware and public addresses, home folders
and the caller's own names become pseudonyms unless personal facts are allowed. Only these classes are
promised.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from hotline_probe.addressbook import replace_addresses
from hotline_probe.pseudonyms import TOKEN, Pseudonyms

REMOVED = "[removed]"
# A text that still changes after so many rounds is built to confuse; nothing of it passes.
_ROUNDS = 5

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

# Each replacement leaves a text in which the same pattern finds only what it left.
_SECRETS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE | re.DOTALL), replacement)
    for pattern, replacement in (
        (r"-----BEGIN[^-]*PRIVATE KEY[^-]*-----.*?(?:-----END[^-]*-----|\Z)", REMOVED),
        # A password may contain a slash or an @; a port is no password.
        (r"(://|%3a%2f%2f)[^\s/?#@]+:(?!\d{1,5}(?:[/?#]|\Z))[^\s@]*@", rf"\1{REMOVED}@"),
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
_MAIL = re.compile(
    rf"[^\s@<>()\[\]:;,\"'/=&?]+{_AT}"
    r"(?:(?:[\w-]+(?:\.|%2e))+[^\W\d_]{2,}[\w-]*|\[?\d{1,3}(?:\.\d{1,3}){3}\]?)",
    re.IGNORECASE,
)
# systemd.unit(5): getty@tty1.service is no mailbox.
_UNIT = re.compile(
    r"[^@]+@[^@.]*\.(?:service|socket|target|mount|timer|slice|scope|device|path|swap|automount)",
)
_MAC = re.compile(
    r"(?<![0-9a-f])(?:[0-9a-f]{2}(?:([:-])|%3a)[0-9a-f]{2}(?:(?:[:-]|%3a)[0-9a-f]{2}){4}|"
    r"[0-9a-f]{4}\.[0-9a-f]{4}\.[0-9a-f]{4})(?![0-9a-f]|[:-][0-9a-f])",
    re.IGNORECASE,
)
_SEPARATOR = r"(?:[\\/]+|%2f|%5c)"
_HOME = re.compile(
    rf"({_SEPARATOR}(?:home|users|benutzer|documents and settings){_SEPARATOR})"
    # With backslashes a name may contain spaces, as far as another backslash follows.
    r"((?<=\\)[^\\/:*?\"<>|%\n]+(?=\\)|[^\\/\s:;,\"'<>|%()\[\]{}]+)",
    re.IGNORECASE,
)
_NOBODYS_HOME = {"public", "shared", "default", "all users", "guest", "lost+found"}
_NOBODYS_NAME = set(
    "root admin administrator user users guest nobody daemon system home host localhost localdomain local "
    "debian ubuntu linux fedora windows macos raspberrypi openwrt pi vm pc desktop laptop server".split()
)


class Scrubber:
    """Removes secrets and hides persons in texts; `users` and `hosts` are the caller's own names."""

    def __init__(self, pseudonyms: Pseudonyms, users: Collection[str], hosts: Collection[str]) -> None:
        self._pseudonyms = pseudonyms
        self._names = {name.lower(): "person" for name in users if _is_telling(name)}
        self._names |= {name.lower(): "host" for name in hosts if _is_telling(name)}
        longest_first = sorted(self._names, key=len, reverse=True)
        names = "|".join(re.escape(name) for name in longest_first) or r"(?!)"
        self._own = re.compile(rf"(?<![^\W_])(?:{names})(?![^\W_])", re.IGNORECASE)
        self._own_or_token = re.compile(
            rf"(?P<token>{TOKEN.pattern}|{re.escape(REMOVED)})|{self._own.pattern}", re.IGNORECASE
        )

    def scrub(self, text: str, personal: bool) -> str:
        """Return a text as it may leave the machine; a second time changes nothing."""
        text = text.encode("utf-8", "replace").decode()
        for _ in range(_ROUNDS):
            scrubbed = self._once(text, personal)
            if scrubbed == text:
                return text
            text = scrubbed
        return REMOVED

    def _once(self, text: str, personal: bool) -> str:
        for pattern, replacement in _SECRETS:
            text = pattern.sub(replacement, text)
        text = _MAIL.sub(self._mail, text)
        if personal:
            return text
        text = _MAC.sub(lambda match: self._pseudonyms.mac(match[0].lower().replace("%3a", ":")), text)
        text = replace_addresses(text, self._pseudonyms.address)
        text = _HOME.sub(self._home, text)
        return self._own_or_token.sub(self._name, text)

    def _mail(self, match: re.Match[str]) -> str:
        if _UNIT.fullmatch(match[0]) or match[0].startswith(REMOVED):
            return match[0]
        return self._pseudonyms.token("mail", re.sub(_AT, "@", match[0], flags=re.IGNORECASE))

    def _home(self, match: re.Match[str]) -> str:
        root, name = match[1], match[2]
        if name.lower() in _NOBODYS_HOME or self._pseudonyms.is_token(name):
            return match[0]
        return root + self._pseudonyms.token("person", name)

    def _name(self, match: re.Match[str]) -> str:
        token = match["token"]
        if token is None:
            return self._pseudonyms.token(self._names[match[0].lower()], match[0])
        if token == REMOVED or self._pseudonyms.is_token(token):
            return token
        return self._own.sub(self._name_in_token, token)

    def _name_in_token(self, match: re.Match[str]) -> str:
        return self._pseudonyms.token(self._names[match[0].lower()], match[0])


def _is_telling(name: str) -> bool:
    # A generic name says nothing about its owner, and would tear holes into innocent texts.
    return len(name) > 1 and name.lower() not in _NOBODYS_NAME and not name.isdigit()

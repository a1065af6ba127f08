"""What CUPS tells of its printers and jobs, over its own socket; nothing is changed, nobody logs in."""

from __future__ import annotations

import re
import socket
import urllib.parse
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from hotline_probe.checks.fetch import fetch
from hotline_probe.checks.limits import Deadline
from hotline_probe.errors import Denied, SourceFailed
from hotline_probe.sources import ipp

Place = str | tuple[str, int]
# Where CUPS listens on Debian, elsewhere, and on macOS; then over TCP (cups-files.conf(5), cupsd.conf(5)).
PLACES: tuple[Place, ...] = (
    *("/run/cups/cups.sock", "/var/run/cups/cups.sock", "/private/var/run/cupsd"),
    ("127.0.0.1", 631),
)
MAX_ANSWER = 1024 * 1024
MAX_PRINTERS, MAX_JOBS = 50, 500
_STATES = {3: "idle", 4: "processing", 5: "stopped"}  # RFC 8011, section 5.4.11
# RFC 8011, section 5.3.7: pending, held, processing and stopped jobs.
_HELD, _WAITING = 4, (3, 4, 5, 6)
# A keyword of RFC 8011 section 5.4.12 or of CUPS, and how bad it is; without a word it is an error.
_REASON = re.compile(r"([a-z0-9][a-z0-9._-]{0,60}?)(?:-(report|warning|error))?", re.ASCII)
_LOGIN = ("auth-info-required", "cups-held-for-authentication")
_NETWORK = frozenset(
    {"socket", "ipp", "ipps", "lpd", "http", "https", "smb", "dnssd", "implicitclass", "beh"}
)
_LOCAL = frozenset({"usb", "parallel", "serial", "epson", "canonij"})
_VIRTUAL = frozenset({"file", "cups-pdf", "pdf"})
_PORTS = {"socket": 9100, "ipp": 631, "ipps": 631, "lpd": 515, "http": 80, "https": 443, "smb": 445}
_PRINTER_FACTS = (
    *("printer-name", "printer-state", "printer-state-reasons", "printer-is-accepting-jobs", "device-uri"),
    "printer-up-time",
)
_JOB_FACTS = (
    *("job-printer-uri", "job-state", "job-state-reasons", "job-hold-until", "time-at-creation"),
    "job-printer-up-time",
)


# connect(2) where nobody listens; whatever else goes wrong tells of a server that is there and in trouble.
_NOBODY = (FileNotFoundError, NotADirectoryError, ConnectionRefusedError)


class NotThere(SourceFailed):
    """No print server listens."""


@dataclass(frozen=True, slots=True)
class Printer:
    """One queue; `errors` and `hints` are its keywords without severity, `host` is empty without one."""

    name: str
    state: str
    accepting: bool | None
    errors: frozenset[str]
    hints: frozenset[str]
    connection: str
    host: str
    port: int


@dataclass(frozen=True, slots=True)
class Job:
    """A job that is not printed yet; its age in seconds, None where the server does not say."""

    printer: str
    held: bool
    needs_login: bool
    age: float | None


@dataclass(frozen=True, slots=True)
class Told:
    """All that the server tells."""

    printers: tuple[Printer, ...]
    jobs: tuple[Job, ...]
    default: str


def ask_server(places: Sequence[Place], deadline: Deadline) -> Told:
    """Return what the print server tells that listens at one of some places.

    Raises:
        NotThere: none listens.
        Denied: its socket may not be used, or it does not answer this user.
        SourceFailed: it answers with something else than IPP, or refuses a question.
        TimeoutError: it does not answer in time.
    """
    place = _listening(places, deadline)
    server = ("printer-uri", ipp.URI, ("ipp://localhost/",))
    printers = _ask(place, deadline, ipp.question(ipp.CUPS_GET_PRINTERS, _PRINTER_FACTS))
    default = _ask(place, deadline, ipp.question(ipp.CUPS_GET_DEFAULT, ("printer-name",)))
    jobs = _ask(place, deadline, ipp.question(ipp.GET_JOBS, _JOB_FACTS, server))
    named = next((_text(group, "printer-name") for group in default.of(ipp.PRINTER)), "")
    return Told(tuple(_printers(printers)), tuple(_jobs(jobs)), named)


def _listening(places: Sequence[Place], deadline: Deadline) -> Place:
    for place in places:
        try:
            _connect(place, deadline).close()
        except _NOBODY:
            continue
        except PermissionError as error:
            raise Denied("the print server's socket may not be used") from error
        return place
    raise NotThere("no print server listens")


def _connect(place: Place, deadline: Deadline) -> socket.socket:
    channel = socket.socket(socket.AF_UNIX if isinstance(place, str) else socket.AF_INET)
    try:
        channel.settimeout(deadline.left(2.0))
        channel.connect(place)
    except BaseException:
        channel.close()
        raise
    return channel


def _ask(place: Place, deadline: Deadline, body: bytes) -> ipp.Answer:
    headers = {"Content-Type": "application/ipp"}
    with _connect(place, deadline) as channel:
        page = fetch(channel, "/", "localhost", deadline, most=MAX_ANSWER, headers=headers, body=body)
    if page.status in (401, 403):
        raise Denied("the print server does not answer this user")
    if page.status != 200:
        raise SourceFailed(f"the print server answers with status {page.status}")
    answer = ipp.parse_answer(page.body)
    if not answer.ok and answer.status != ipp.NOT_FOUND:
        raise SourceFailed(f"the print server refuses the question with 0x{answer.status:04x}")
    return answer


def _printers(answer: ipp.Answer) -> Iterator[Printer]:
    groups = [group for group in answer.of(ipp.PRINTER) if _text(group, "printer-name")]
    for group in groups[:MAX_PRINTERS]:
        reasons = [value for value in group.get("printer-state-reasons", ()) if isinstance(value, str)]
        errors, hints = split_reasons(reasons)
        accepting = _first(group, "printer-is-accepting-jobs")
        connection, host, port = split_device(_text(group, "device-uri"))
        yield Printer(
            _text(group, "printer-name"),
            _STATES.get(_number(group, "printer-state") or 0, ""),
            accepting if isinstance(accepting, bool) else None,
            errors,
            hints,
            connection,
            host,
            port,
        )


def _jobs(answer: ipp.Answer) -> Iterator[Job]:
    for group in list(answer.of(ipp.JOB))[:MAX_JOBS]:
        state, created = _number(group, "job-state"), _number(group, "time-at-creation")
        # RFC 8011, section 5.3.14: times are those of the printer's own clock.
        now = _number(group, "job-printer-up-time")
        words = {*group.get("job-state-reasons", ()), *group.get("job-hold-until", ())}
        name = urllib.parse.unquote(_text(group, "job-printer-uri").rpartition("/")[2])
        if state in _WAITING and name:
            age = None if created is None or now is None else max(float(now - created), 0.0)
            yield Job(name, state == _HELD, not words.isdisjoint(_LOGIN), age)


def split_reasons(reasons: Iterable[str]) -> tuple[frozenset[str], frozenset[str]]:
    """Return the keywords that keep a printer from printing, and those that only hint at something.

    >>> errors, hints = split_reasons(["media-empty-error", "toner-low-warning", "paused", "none", "?"])
    >>> sorted(errors), sorted(hints)
    (['media-empty', 'paused'], ['toner-low'])
    """
    errors: set[str] = set()
    hints: set[str] = set()
    for reason in reasons:
        match = _REASON.fullmatch(reason)
        if match and match[1] != "none":
            (errors if match[2] in (None, "error") else hints).add(match[1])
    return frozenset(errors), frozenset(hints)


def split_device(uri: str) -> tuple[str, str, int]:
    """Return how a printer is connected, and the host and port of one in the network.

    A service name (DNS-SD) is no host, and so has no port.

    >>> split_device("socket://192.0.2.7"), split_device("usb://HP/LaserJet?serial=1")
    (('network', '192.0.2.7', 9100), ('usb', '', 0))
    >>> split_device("hp:/net/Color?ip=192.0.2.9"), split_device("ipp://Canon%20X._ipp._tcp.local/")
    (('network', '192.0.2.9', 9100), ('network', '', 0))
    """
    try:
        url = urllib.parse.urlsplit(uri)
        host, port = url.hostname or "", url.port
    except ValueError:
        return "other", "", 0
    if url.scheme in ("hp", "hpfax"):  # HP's own: hp:/usb/… or hp:/net/…?ip=…
        found = urllib.parse.parse_qs(url.query).get("ip", [""])[0]
        return ("network", found, 9100 if found else 0) if url.path.startswith("/net/") else ("usb", "", 0)
    if url.scheme in _NETWORK:
        port = port or _PORTS.get(url.scheme, 0)
        named = port and host and "._" not in urllib.parse.unquote(host)
        return ("network", host, port) if named else ("network", "", 0)
    if url.scheme in _LOCAL:
        return "usb" if url.scheme == "usb" else "cable", "", 0
    return "virtual" if url.scheme in _VIRTUAL else "other", "", 0


def _first(group: ipp.Attributes, name: str) -> ipp.Value:
    return next(iter(group.get(name, ())), None)


def _text(group: ipp.Attributes, name: str) -> str:
    value = _first(group, name)
    return value if isinstance(value, str) else ""


def _number(group: ipp.Attributes, name: str) -> int | None:
    value = _first(group, name)
    return value if isinstance(value, int) and not isinstance(value, bool) else None

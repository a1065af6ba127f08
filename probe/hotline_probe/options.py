"""The command line of `hotline-probe`, checked before anything else happens."""

from __future__ import annotations

import argparse
import ipaddress
import urllib.parse
from dataclasses import dataclass
from pathlib import Path

from hotline_proto.catalogue import load_wordless_catalogue
from hotline_proto.errors import SealingUnavailable
from hotline_proto.sealed import check_sealing, parse_key

from hotline_probe import __version__
from hotline_probe.aim import Aim, Aiming
from hotline_probe.checks.target import parse_check
from hotline_probe.consent import Consent, parse_consent
from hotline_probe.deviceoptions import Means, read_means
from hotline_probe.errors import UsageError
from hotline_probe.preset import Preset, load_preset
from hotline_probe.reach import is_authority
from hotline_probe.texts import LANGUAGES, Texts, default_language
from hotline_probe.transcript import Transcript

_EPILOG = """\
exit codes:
  0    the call ended normally
  1    the probe itself failed
  2    wrong arguments, or a mistyped code
  3    the call centre cannot be reached or refused the code; a reason found here is shown
  4    consent was denied
  130  interrupted (Ctrl-C)

Through a proxy: https_proxy is used as second way, --proxy as the only one.
"""


# How long a bundle is measured for, in seconds.
BUNDLE_SECONDS = 20
_MOST_SECONDS = 600


@dataclass(frozen=True, slots=True)
class BundleOrder:
    """The offline bundle to write: into a new file, measured for some seconds, sealed if there is a key."""

    path: Path
    seconds: int = BUNDLE_SECONDS
    key: bytes = b""


@dataclass(slots=True)
class Options:
    """What the caller wants; `aim` is None without a code, `consent` None to ask; `preset` is the build's."""

    texts: Texts
    code: str
    aiming: Aiming
    aim: Aim | None
    consent: Consent | None
    checks: tuple[str, ...]
    means: Means
    accepted: frozenset[str]
    preview: bool
    local: bool
    bundle: BundleOrder | None
    preset: Preset | None
    transcript: Transcript
    proxy: str
    json: bool
    colour: bool
    window: bool
    terminal: bool
    picture: bool
    verbose: bool


def parser() -> argparse.ArgumentParser:
    """Return the argument parser."""
    result = argparse.ArgumentParser(
        prog="hotline-probe",
        description="Lets your support see technical facts of this computer, with your consent.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = result.add_argument
    add("code", nargs="?", metavar="CODE", help="12 digits, CODE@host[:port], or the link you were given")
    add("--lang", choices=sorted(LANGUAGES), help="language of this screen (default: your system's)")
    add("--consent", metavar="LAYERS", help="allow basic or basic,personal without being asked")
    add("--check", action="append", default=[], metavar="TARGET", help="host:port or URL that does not work")
    add("--device", action="append", default=[], metavar="ADDRESS", help="ssh://user@host that may be read")
    key = "fingerprint SHA256:… that a device named by --device has; another key ends the attempt"
    add("--device-fingerprint", action="append", default=[], metavar="SHA256:…", help=key)
    key = "private key that opens devices; its passphrase is asked for when it is needed, and never kept"
    add("--device-key", type=Path, metavar="FILE", help=key)
    add("--accept", action="append", default=[], metavar="ACTION", help="allow this action here beforehand")
    add("--preview", action="store_true", help="show what would be sent, connect to nobody, and end")
    add("--local", action="store_true", help="look for the fault without a call centre; send nothing")
    bundle = "write what would be sent into a new file, for later or for mail; send nothing"
    add("--bundle", type=Path, metavar="FILE.hlb", help=bundle)
    seconds = f"how long --bundle measures (1 to {_MOST_SECONDS}; default: {BUNDLE_SECONDS})"
    add("--for", dest="seconds", type=int, metavar="SECONDS", help=seconds)
    key = "encrypt the bundle for the call centre with this key (needs hotline-probe[ssh])"
    add("--bundle-key", metavar="KEY", help=key)
    add("--no-picture", action="store_true", help="show the result of --local in digits only")
    add("--transcript", type=Path, metavar="FILE", help="keep a copy of everything sent, as JSON lines")
    add("--ca", type=Path, metavar="FILE", help="certificate authority of the call centre (PEM)")
    add("--proxy", default="", metavar="URL", help="HTTP proxy to go through")
    add("--addresses", default="", metavar="IP,…", help="addresses to try when the name cannot be found")
    shown = result.add_mutually_exclusive_group()
    window = "show a window (comes by itself where there is no terminal)"
    shown.add_argument("--window", action="store_true", help=window)
    terminal = "stay in the terminal, which says the same and which screen readers can read"
    shown.add_argument("--terminal", action="store_true", help=terminal)
    shown.add_argument("--json", action="store_true", help="print events as JSON lines")
    add("--no-color", action="store_true", help="no colours (NO_COLOR and TERM=dumb work too)")
    add("-v", "--verbose", action="store_true", help="explain connection trouble on standard error")
    add("--version", action="version", version=f"hotline-probe {__version__}")
    return result


def read_options(argv: list[str] | None = None) -> Options:
    """Return the options of a command line.

    Raises:
        UsageError: something is wrong; the message is one sentence in the caller's language.
        SystemExit: argparse has answered itself (2 for wrong options, 0 for --help).
    """
    arguments = parser().parse_args(argv)
    texts = LANGUAGES[arguments.lang or default_language()]
    preset = _preset(texts)
    ca = _ca(arguments.ca, texts) if arguments.ca else ""
    aiming = Aiming(preset, _addresses(arguments.addresses, texts), ca)
    code = arguments.code or ""
    return Options(
        texts=texts,
        code=code,
        aiming=aiming,
        # A window shows at its field what is wrong with a code.
        aim=aiming.read(code, texts) if arguments.code is not None and not arguments.window else None,
        consent=parse_consent(arguments.consent, texts) if arguments.consent is not None else None,
        checks=tuple(dict.fromkeys(_check(check, texts) for check in arguments.check)),
        means=read_means(arguments.device, arguments.device_fingerprint, arguments.device_key, texts),
        accepted=_accepted(arguments.accept, texts),
        preview=arguments.preview,
        local=arguments.local,
        bundle=_bundle(arguments, texts),
        preset=preset,
        transcript=_transcript(arguments.transcript, texts),
        proxy=_proxy(arguments.proxy, texts),
        json=arguments.json,
        colour=not arguments.no_color,
        window=arguments.window,
        terminal=arguments.terminal,
        picture=not arguments.no_picture,
        verbose=arguments.verbose,
    )


def _bundle(arguments: argparse.Namespace, texts: Texts) -> BundleOrder | None:
    path: Path | None = arguments.bundle
    if path is None:
        if arguments.seconds is not None or arguments.bundle_key is not None:
            raise UsageError(texts.bundle_missing)
        return None
    if arguments.preview or arguments.local:
        raise UsageError(texts.bundle_alone)
    if path.exists() or path.is_symlink():
        raise UsageError(texts.bundle_exists.format(path=path))
    if not path.parent.is_dir():
        raise UsageError(texts.bundle_no_folder.format(path=path.parent))
    seconds = BUNDLE_SECONDS if arguments.seconds is None else arguments.seconds
    if not 1 <= seconds <= _MOST_SECONDS:
        raise UsageError(texts.bad_seconds.format(value=seconds, most=_MOST_SECONDS))
    return BundleOrder(path, seconds, _bundle_key(arguments.bundle_key, texts))


def _bundle_key(text: str | None, texts: Texts) -> bytes:
    if text is None:
        return b""
    try:
        key = parse_key(text)
        check_sealing()
    except ValueError as error:
        raise UsageError(texts.bad_bundle_key.format(value=text)) from error
    except SealingUnavailable as error:
        raise UsageError(texts.bundle_no_sealing) from error
    return key


def _preset(texts: Texts) -> Preset | None:
    try:
        return load_preset()
    except UsageError as error:
        raise UsageError(texts.bad_preset.format(detail=error)) from error


def _addresses(text: str, texts: Texts) -> tuple[str, ...]:
    parts = [part.strip() for part in text.split(",") if part.strip()]
    for part in parts:
        try:
            ipaddress.ip_address(part)
        except ValueError as error:
            raise UsageError(texts.bad_address.format(value=part)) from error
    return tuple(parts)


def _ca(path: Path, texts: Texts) -> str:
    try:
        text = path.read_text("ascii")
    except (OSError, UnicodeDecodeError) as error:
        detail = error.strerror if isinstance(error, OSError) else "not PEM"
        raise UsageError(texts.bad_file.format(path=path, detail=detail)) from error
    if not is_authority(text):
        raise UsageError(texts.bad_file.format(path=path, detail="not PEM"))
    return text


def _check(check: str, texts: Texts) -> str:
    try:
        parse_check(check)
    except UsageError as error:
        raise UsageError(texts.bad_check.format(check=check, detail=error)) from error
    return check


def _accepted(actions: list[str], texts: Texts) -> frozenset[str]:
    known = load_wordless_catalogue().actions
    for action in actions:
        if action not in known:
            raise UsageError(texts.bad_accept.format(value=action, known=", ".join(known)))
    return frozenset(actions)


def _proxy(text: str, texts: Texts) -> str:
    if not text:
        return ""
    try:
        parts = urllib.parse.urlsplit(text)
        valid = parts.scheme == "http" and bool(parts.hostname) and parts.port != 0
    except ValueError:
        valid = False
    if not valid:
        raise UsageError(texts.bad_proxy.format(value=text))
    return text


def _transcript(path: Path | None, texts: Texts) -> Transcript:
    try:
        return Transcript(path, texts.transcript_broken)
    except OSError as error:
        raise UsageError(texts.bad_file.format(path=path, detail=error.strerror)) from error

"""`hotline rules keygen|sign|verify`: signed packs."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import NoReturn

import click

from hotline_collector.errors import SecurityError
from hotline_collector.rulepack import signing
from hotline_collector.rulepack.faults import PackError
from hotline_collector.rulepack.folders import SIGNATURE_FILE, PackFiles, PackFolder, read_pack

FAULTS = 1
_FOLDER = click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
_JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON object on standard output.")


@click.command()
@click.argument("keyfile", type=click.Path(dir_okay=False, path_type=Path))
@_JSON
def keygen(keyfile: Path, as_json: bool) -> None:
    """Make a key to sign packs with: KEYFILE, which stays secret, and KEYFILE.pub, which collectors trust.

    \b
    Example:
      hotline rules keygen pack-key
    """
    try:
        public = signing.make_key(keyfile)
        print_ = signing.read_trusted_key(public).fingerprint
    except SecurityError as error:
        raise click.ClickException(str(error)) from error
    said = f"{keyfile} signs packs: keep it secret. {public} goes into rules.trusted_keys ({print_[:16]})."
    _say(as_json, said, private=str(keyfile), public=str(public), fingerprint=print_)


@click.command()
@_FOLDER
@click.option("--key", type=click.Path(dir_okay=False, path_type=Path), required=True, help="Private key.")
@_JSON
def sign(folder: Path, key: Path, as_json: bool) -> None:
    """Sign every YAML file of a pack: writes pack.sig into its folder.

    \b
    Example:
      hotline rules sign my-rules --key pack-key
    """
    pack = _read(folder, as_json)
    try:
        private = signing.read_private_key(key)
        _replace(folder / SIGNATURE_FILE, signing.sign(pack, private))
    except PackError as error:
        _refuse(error, as_json)
    except SecurityError as error:
        raise click.ClickException(str(error)) from error
    print_ = signing.fingerprint(private.public_key())
    said = f"{len(pack.files)} files signed with {print_[:16]}; {folder / SIGNATURE_FILE} is written."
    _say(as_json, said, files=len(pack.files), fingerprint=print_)


@click.command()
@_FOLDER
@click.option(
    "--key",
    "keys",
    type=click.Path(dir_okay=False, path_type=Path),
    required=True,
    multiple=True,
    help="Public key to trust; may be given more than once.",
)
@_JSON
def verify(folder: Path, keys: tuple[Path, ...], as_json: bool) -> None:
    """Tell whether a pack is exactly as a trusted key signed it; names the first file that is not.

    \b
    Example:
      hotline rules verify my-rules --key pack-key.pub

    Exit codes: 0 it is, 1 it is not, 2 wrong usage.
    """
    pack = _read(folder, as_json)
    try:
        signer = signing.verify(pack, [signing.read_trusted_key(key) for key in keys])
    except PackError as error:
        _refuse(error, as_json)
    except SecurityError as error:
        raise click.ClickException(str(error)) from error
    said = f"{len(pack.files)} files are as {signer.name} ({signer.fingerprint[:16]}) signed them."
    _say(as_json, said, files=len(pack.files), signer=signer.name, fingerprint=signer.fingerprint)


def _read(folder: Path, as_json: bool) -> PackFiles:
    try:
        return read_pack(PackFolder("", folder, True))
    except PackError as error:
        _refuse(error, as_json)


def _replace(path: Path, data: bytes) -> None:
    """Write a file so that nobody ever reads half of it."""
    fresh = path.with_name(f".{path.name}.new")
    try:
        fresh.write_bytes(data)
        fresh.replace(path)
    except OSError as error:
        raise SecurityError(f"{path} cannot be written: {error.strerror}") from error


def _refuse(error: PackError, as_json: bool) -> NoReturn:
    if as_json:
        listed = [
            {"file": f.file, "line": f.line, "column": f.column, "message": f.message} for f in error.faults
        ]
        _say(True, "", faults=listed)
    for fault in () if as_json else error.faults:
        click.echo(f"{fault.file}: {fault.message}")
    sys.exit(FAULTS)


def _say(as_json: bool, said: str, **content: object) -> None:
    click.echo(json.dumps({"version": 1, **content}) if as_json else said)

"""Signed packs: Ed25519 over a manifest that names every file of a pack with its SHA-256.

The signature lies beside pack.yaml in `pack.sig`, JSON with the manifest in it, so that a file that does not
fit can be named:

    {"files": {"pack.yaml": "9f86…"}, "format": 1, "key": "3b6a…", "name": "mine", "signature": "…",
     "version": "2"}

Source: RFC 8032 (Ed25519), RFC 8410 (its keys in PEM).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization as pem
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from pydantic import ValidationError

from hotline_collector.errors import SecurityError
from hotline_collector.rulepack.document import Document
from hotline_collector.rulepack.faults import Fault, PackError
from hotline_collector.rulepack.folders import SIGNATURE_FILE, PackFiles
from hotline_collector.rulepack.forms import parse_form
from hotline_collector.rulepack.schema import Form, PackForm

# Says what is signed, so that a signature made for something else never fits.
_PURPOSE = b"hotline rule pack 1\n"
_MAX_SIGNATURE_FILE = 1024 * 1024


class SignatureForm(Form):
    """The file pack.sig; `files` maps paths below the pack's folder to SHA-256 in hexadecimal."""

    format: Literal[1]
    name: str
    version: str
    key: str
    files: dict[str, str]
    signature: str

    def signed(self) -> bytes:
        """Return the bytes that are signed: everything but the signature."""
        return _PURPOSE + _canonical(self.model_dump(exclude={"signature"}))

    def render(self) -> bytes:
        """Return the file; there is one spelling only."""
        return _canonical(self.model_dump())


@dataclass(frozen=True, slots=True)
class TrustedKey:
    """A public key; `name` is what people call it."""

    name: str
    public: Ed25519PublicKey

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the key in hexadecimal."""
        return fingerprint(self.public)


def make_key(path: Path) -> Path:
    """Make a private key, readable by its owner only, and return the file of its public key beside it.

    Raises:
        SecurityError: one of the files exists or cannot be written.
    """
    key = Ed25519PrivateKey.generate()
    private = key.private_bytes(pem.Encoding.PEM, pem.PrivateFormat.PKCS8, pem.NoEncryption())
    public = key.public_key().public_bytes(pem.Encoding.PEM, pem.PublicFormat.SubjectPublicKeyInfo)
    beside = path.with_name(path.name + ".pub")
    if beside.exists():
        raise SecurityError(f"{beside} exists already; nothing was written")
    _write_new(path, private, 0o600)
    _write_new(beside, public, 0o644)
    return beside


def read_private_key(path: Path) -> Ed25519PrivateKey:
    """Return the key of a file.

    Raises:
        SecurityError: it cannot be read or is no Ed25519 private key.
    """
    try:
        key = pem.load_pem_private_key(_read(path), None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise SecurityError(f"{path} is no unencrypted private key in PEM: {error}") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise SecurityError(f"{path} is no Ed25519 key; make one with `hotline rules keygen`")
    return key


def read_trusted_key(path: Path) -> TrustedKey:
    """Return the public key of a file, called like the file.

    Raises:
        SecurityError: it cannot be read or is no Ed25519 public key.
    """
    try:
        key = pem.load_pem_public_key(_read(path))
    except (ValueError, UnsupportedAlgorithm) as error:
        raise SecurityError(f"{path} is no public key in PEM: {error}") from error
    if not isinstance(key, Ed25519PublicKey):
        raise SecurityError(f"{path} is no Ed25519 key; make one with `hotline rules keygen`")
    return TrustedKey(path.name.removesuffix(".pub"), key)


def fingerprint(key: Ed25519PublicKey) -> str:
    """Return the SHA-256 of a public key in hexadecimal."""
    return hashlib.sha256(key.public_bytes_raw()).hexdigest()


def sign(pack: PackFiles, key: Ed25519PrivateKey) -> bytes:
    """Return the signature file of a pack.

    Raises:
        PackError: it has no sound pack.yaml.
    """
    form = _pack_form(pack)
    public = fingerprint(key.public_key())
    unsigned = SignatureForm(
        format=1, name=form.name, version=form.version, key=public, files=_hashes(pack), signature=""
    )
    signature = base64.b64encode(key.sign(unsigned.signed())).decode()
    return unsigned.model_copy(update={"signature": signature}).render()


def verify(pack: PackFiles, keys: Iterable[TrustedKey]) -> TrustedKey:
    """Return the key that signed exactly these files.

    Raises:
        PackError: with one fault, at the file that is not as it was signed, or at pack.sig.
    """
    form = _signature_form(pack)
    key = next((key for key in keys if key.fingerprint == form.key), None)
    if key is None:
        raise _refused(pack, SIGNATURE_FILE, f"signed by the key {form.key[:16]}, which is not trusted")
    try:
        key.public.verify(base64.b64decode(form.signature, validate=True), form.signed())
    except (InvalidSignature, binascii.Error, ValueError):
        raise _refused(pack, SIGNATURE_FILE, "the signature does not fit: the file was changed") from None
    _compare(pack, form.files)
    return key


def _compare(pack: PackFiles, signed: Mapping[str, str]) -> None:
    found = _hashes(pack)
    for name in sorted({*found, *signed}):
        if name not in signed:
            raise _refused(pack, name, "was added after the pack was signed")
        if name not in found:
            raise _refused(pack, name, "was removed or renamed after the pack was signed")
        if found[name] != signed[name]:
            raise _refused(pack, name, "was changed after the pack was signed")


def _signature_form(pack: PackFiles) -> SignatureForm:
    raw = pack.signature
    if raw is None:
        raise _refused(pack, SIGNATURE_FILE, "is missing: the pack is not signed")
    if len(raw) > _MAX_SIGNATURE_FILE:
        raise _refused(pack, SIGNATURE_FILE, f"is larger than {_MAX_SIGNATURE_FILE // 1024} KiB")
    try:
        form = SignatureForm.model_validate(json.loads(raw))
    except (ValidationError, ValueError, RecursionError):
        form = None
    if form is None or form.render() != raw:
        raise _refused(pack, SIGNATURE_FILE, "is not as `hotline rules sign` writes it; sign the pack again")
    return form


def _pack_form(pack: PackFiles) -> PackForm:
    raw = pack.files.get("pack.yaml")
    if raw is None:
        raise _refused(pack, "pack.yaml", "is missing: a pack has a name and a version")
    document = Document(pack.path("pack.yaml"), raw.decode(errors="replace"))
    form = None if document.faults else parse_form(document, PackForm, document.data)
    if form is None:
        raise PackError(document.faults)
    return form


def _hashes(pack: PackFiles) -> dict[str, str]:
    return {name: hashlib.sha256(raw).hexdigest() for name, raw in pack.files.items()}


def _canonical(data: Mapping[str, object]) -> bytes:
    return (json.dumps(data, sort_keys=True, indent=1) + "\n").encode()


def _refused(pack: PackFiles, file: str, message: str) -> PackError:
    return PackError([Fault(pack.path(file), 1, 1, message)])


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise SecurityError(f"the key {path} cannot be read: {error.strerror}") from error


def _write_new(path: Path, data: bytes, mode: int) -> None:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
    except FileExistsError:
        raise SecurityError(f"{path} exists already; nothing was written") from None
    except OSError as error:
        raise SecurityError(f"{path} cannot be written: {error.strerror}") from error

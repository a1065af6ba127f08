"""Makes an offline bundle with the caller: asks, measures, writes the file and says what it holds."""

from __future__ import annotations

import contextlib
import errno
import os
import tempfile
from pathlib import Path

from hotline_proto.sealed import seal

from hotline_probe.bundle import take_bundle
from hotline_probe.consent import Consent, Layer, ask_all_personal, ask_basic, says_granted
from hotline_probe.equipment import Equipment
from hotline_probe.errors import ProbeError
from hotline_probe.face import Face
from hotline_probe.local.diagnosis import measuring_points
from hotline_probe.options import BundleOrder, Options


async def make_bundle(kit: Equipment, options: Options, order: BundleOrder) -> bool:
    """Write a bundle; False if the caller does not consent, and then nothing was read.

    Raises:
        ProbeError: the file cannot be written.
    """
    face, path = kit.face, str(order.path)
    face.event("bundle", lambda t: t.bundle_intro.format(path=path))
    face.event("privacy", lambda t: t.cannot_see)
    consent = options.consent or await _ask(face, kit)
    if not consent.basic:
        face.event("denied", lambda t: t.bundle_denied)
        return False
    face.event("consent", says_granted(consent, lambda t: t.bundle_allowed), granted=sorted(consent.granted))
    kit.redactor.personal = consent.personal
    target = options.aim.target if options.aim else None
    kit.context.settings = measuring_points(kit.context.settings, options.preset, target)
    face.event("bundle_looking", lambda t: t.bundle_looking.format(seconds=order.seconds))
    bundle = await take_bundle(kit, consent, order.seconds)
    data = seal(bundle.data, order.key) if order.key else bundle.data
    try:
        write_private(order.path, data)
    except OSError as error:
        detail = error.strerror or error
        raise ProbeError(face.texts.bad_file.format(path=path, detail=detail)) from error
    face.event(
        "bundle_written",
        lambda t: t.bundle_written.format(path=path, count=bundle.sources),
        path=path,
        bytes=len(data),
        sources=bundle.sources,
        encrypted=bool(order.key),
    )
    face.event("bundle_safety", lambda t: t.bundle_sealed if order.key else t.bundle_open)
    return True


def write_private(path: Path, data: bytes) -> None:
    """Write a file as a whole or not at all, for nobody but its owner to read; no other file is replaced.

    Raises:
        OSError: it cannot be written, or is there already.
    """
    descriptor, name = tempfile.mkstemp(prefix=".hotline-", suffix=".part", dir=path.parent)
    part = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))
        part.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            part.unlink()
        raise


async def _ask(face: Face, kit: Equipment) -> Consent:
    consent = await ask_basic(face, kit.catalogue, lambda t: t.bundle_ask_basic) or Consent()
    if not consent.basic:
        return consent
    if await ask_all_personal(face, lambda t: t.bundle_ask_personal):
        consent.grant(Layer.PERSONAL)
    else:
        consent.decline(Layer.PERSONAL)
    return consent

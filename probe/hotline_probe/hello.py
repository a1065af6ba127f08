"""How a probe introduces itself: its version and platform, and the boot that its clock counts from."""

from __future__ import annotations

import hashlib
import hmac
import sys

from hotline_proto.catalogue import Catalogue
from hotline_proto.v1 import probe_pb2 as pb

from hotline_probe import __version__
from hotline_probe.errors import SourceError
from hotline_probe.machine import Machine
from hotline_probe.texts import Texts

_PLATFORMS = {"win32": "windows", "darwin": "macos"}


def probe_info(catalogue: Catalogue, texts: Texts, platform: str = "") -> pb.ProbeInfo:
    """Return what a probe tells about itself before anything else; `platform` is that of a device."""
    return pb.ProbeInfo(
        version=__version__,
        platform=platform or _PLATFORMS.get(sys.platform, sys.platform),
        catalogue_digest=catalogue.digest,
        language=texts.language,
    )


def boot_pseudonym(machine: Machine, key: bytes) -> str:
    """Return what stands for this boot of a machine, and for no other, within the call of a key."""
    try:
        boot = machine.read("/proc/sys/kernel/random/boot_id").strip()
    except SourceError:
        import psutil  # noqa: PLC0415 - only other systems need it, and it costs a megabyte

        boot = str(int(psutil.boot_time()))
    return hmac.digest(key, boot.encode(), hashlib.sha256).hex()[:16]

"""FRITZ!Box: told by its own description, with what AVM adds to UPnP and answers without a password.

Sources: AVM "TR-064 First Steps" (port 49000, `tr64desc.xml`; every service of TR-064 but DeviceInfo's
GetSecurityPort wants a login) and the SCPD files of its IGD (`igddesc.xml`), which answers without one where
"Statusinformationen über UPnP übertragen" is switched on.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping

from hotline_probe.checks.limits import Deadline
from hotline_probe.errors import SourceFailed
from hotline_probe.sources import igd

IGD = igd.Place(49000, "/igddesc.xml")
TR064 = igd.Place(49000, "/tr64desc.xml")
# A description has some ten kilobytes and comes from the same network.
PATIENCE = 3.0
# "AVM", "AVM Berlin", and since the company's new name "FRITZ! GmbH".
_MAKER = re.compile(r"AVM\b|FRITZ!", re.ASCII)
_VERSION = re.compile(r"\d{1,4}\.0?(\d{1,2}\.\d{1,3})(?:-\d{1,9})?", re.ASCII)
# No line has more; the box counts in bytes.
_MAX_BYTES = 12_500_000_000


def is_made_by_avm(described: igd.Description) -> bool:
    """Tell whether a description is that of a FRITZ!Box, or of a repeater with the same system."""
    return bool(_MAKER.match(described.maker)) or described.model.startswith("FRITZ!")


def is_fritzbox(host: str, patience: float = PATIENCE) -> bool:
    """Ask a host for a description of TR-064 and tell whether it is that of a FRITZ!Box."""
    try:
        return is_made_by_avm(igd.describe(host, TR064, Deadline(patience)))
    except (SourceFailed, OSError, UnicodeError):
        return False


def parse_version(display: str) -> str:
    """Return the version of FRITZ!OS as the box shows it to humans; empty if it is not told as specified.

    >>> parse_version("154.07.29"), parse_version("272.08.40-136743"), parse_version("latest")
    ('7.29', '8.40', '')
    """
    match = _VERSION.fullmatch(display)
    return match[1] if match else ""


def parse_use(told: Mapping[str, str], argument: str) -> float | None:
    """Return the bits per second of GetAddonInfos that pass now; None if it does not say so.

    >>> parse_use({"NewByteReceiveRate": "1250000"}, "NewByteReceiveRate")
    10000000.0
    """
    text = told.get(argument, "")
    return int(text) * 8.0 if re.fullmatch(r"[0-9]{1,11}", text) and int(text) <= _MAX_BYTES else None


def parse_prefix(told: Mapping[str, str]) -> bool | None:
    """Tell whether X_AVM_DE_GetIPv6Prefix names a network of the provider's; None if it does not answer.

    >>> parse_prefix({"NewIPv6Prefix": "2001:db8:1:7600::", "NewPrefixLength": "56"})
    True
    >>> parse_prefix({"NewIPv6Prefix": "", "NewPrefixLength": "0"}), parse_prefix({})
    (False, None)
    """
    if "NewIPv6Prefix" not in told:
        return None
    try:
        prefix = ipaddress.IPv6Address(told["NewIPv6Prefix"].partition("/")[0])
    except ValueError:
        return False
    return not (prefix.is_unspecified or prefix.is_link_local)

"""A captured Windows: what its PowerShell prints for each script.

The printed forms follow Microsoft's documentation of the classes (learn.microsoft.com: MSFT_NetAdapter,
MSFT_NetRoute, MSFT_NetIPAddress, MSFT_NetNeighbor, Win32_Service and so on) and the output of netsh as it is
found in bug reports in English, German, French and Spanish. None of it was captured by us.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hotline_probe.sources.windows import shell
from hypothesis import strategies as st

Tells = Callable[[str, object], None]

KEYS = (
    "adapters interfaces routes addresses neighbours servers leases wlan Name InterfaceIndex InterfaceAlias "
    "DestinationPrefix NextHop RouteMetric Store IPAddress PrefixLength State ServerAddresses DHCPServer "
    "Lifetime Remaining events services disks volumes printers Id Provider Age Status StartMode ExitCode"
)


@pytest.fixture
def tells(captured) -> Tells:
    """Say what a script tells on a captured Windows; the text goes through the console as plain ASCII."""
    captured.system = "windows"

    def tell(script: str, told: object) -> None:
        captured.prints(" ".join(shell.command(script)), json.dumps(told) + "\r\n")

    return tell


@pytest.fixture(scope="session")
def hostile() -> st.SearchStrategy[Any]:
    """Anything that JSON can hold, under the names that the parsers look for."""
    scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12)
    return st.recursive(
        scalars,
        lambda inner: (
            st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(KEYS.split()), inner, max_size=8)
        ),
        max_leaves=30,
    )

"""Storage boxes; ZFS as zpool-list(8) and zpool-status(8) show it, DSM's mark in /proc/mdstat."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from hotline_probe.errors import Denied, MissingTool, SourceFailed, Unsupported
from hotline_probe.sources.devices.clock import parse_local_time, parse_moment
from hotline_probe.sources.devices.nas import Nas, parse_marked
from hotline_probe.sources.devices.zpool import PoolStatus, parse_list, parse_status
from hotline_probe.sources.mdstat import parse_mdstat
from hotline_proto.facts import UnknownReason
from hypothesis import given
from hypothesis import strategies as st

ZFS = {"/sys/module/zfs/version": "2.1.11-1\n"}
STATUS = """\
  pool: backup
 state: ONLINE
  scan: resilver in progress since Sun Nov 29 20:00:00 2026
\t1.21T scanned at 412M/s, 600G issued at 200M/s, 1.30T total
\t600G resilvered, 45.12% done, 01:02:03 to go
config:

\tNAME             STATE     READ WRITE CKSUM
\tbackup           ONLINE       0     0     0
\t  mirror-0       ONLINE       0     0     0
\t    sde          ONLINE       0     0     0
\t    sdf          ONLINE       0     0     0  (resilvering)

errors: No known data errors

  pool: tank
 state: DEGRADED
status: One or more devices could not be used because the label is missing or
\tinvalid.  Sufficient replicas exist for the pool to continue
\tfunctioning in a degraded state.
action: Replace the device using 'zpool replace'.
   see: https://openzfs.github.io/openzfs-docs/msg/ZFS-8000-4J
  scan: scrub repaired 0B in 1 days 02:12:34 with 0 errors on Sun Nov  8 00:36:36 2026
config:

\tNAME                     STATE     READ WRITE CKSUM
\ttank                     DEGRADED     0     0     0
\t  raidz1-0               DEGRADED     0     0     0
\t    sda                  ONLINE       0     0     0
\t    sdb                  ONLINE       3     0    12
\t    9871320193847102     UNAVAIL      0     0     0  was /dev/sdc1
\tlogs
\t  nvme0n1p1              ONLINE       0     1     0
\tspares
\t  sdd                    AVAIL

errors: 2 data errors, use '-v' for a list
"""
DSM = """\
Personalities : [raid1] [raid6] [raid5] [raid4] [raidF1]
md2 : active raid5 sda5[0] sdb5[1](E) sdc5[2]
      7804567296 blocks super 1.2 level 5, 64k chunk, algorithm 2 [3/3] [UEU]

md1 : active raid1 sda2[0] sdb2[1] sdc2[2]
      2097088 blocks [16/3] [UUU_____________]

unused devices: <none>
"""


def pools(
    captured: Any, listed: str = "backup\tONLINE\t12\ntank\tDEGRADED\t91\n", status: str = STATUS
) -> None:
    captured.put(ZFS)
    captured.prints("zpool list -Hp -o name,health,capacity", listed)
    captured.prints("zpool status -p", status)
    captured.prints("date +%Y-%m-%d %H:%M:%S", "2026-11-30 00:36:36\n")


def test_two_pools_one_of_them_broken(captured: Any, read: Any) -> None:
    pools(captured)
    told = read(Nas())
    assert told == {
        "nas.pool.state[backup]": "online",
        "nas.pool.utilization[backup]": 0.12,
        "nas.pool.missing[backup]": 0,
        "nas.pool.device_errors[backup]": 0,
        "nas.pool.data_errors[backup]": 0,
        "nas.pool.resilvering[backup]": True,
        "nas.pool.scrub_age[backup]": UnknownReason.UNSUPPORTED,
        "nas.pool.state[tank]": "degraded",
        "nas.pool.utilization[tank]": 0.91,
        "nas.pool.missing[tank]": 1,
        "nas.pool.device_errors[tank]": 16,
        "nas.pool.data_errors[tank]": 2,
        "nas.pool.resilvering[tank]": False,
        "nas.pool.scrub_age[tank]": 22 * 86400.0,
    }


def test_a_mirror_is_no_disk_of_its_own() -> None:
    row = "\t{:<20} {} 0 0 0\n"
    told = parse_status(
        "  pool: tank\nconfig:\n\n"
        + row.format("tank", "DEGRADED")
        + row.format("  replacing-0", "DEGRADED")
        + row.format("    sda", "OFFLINE")
        + row.format("    sdb", "ONLINE")
        + row.format("  sdc", "FAULTED")
    )
    assert told["tank"].missing == 2


def test_errors_that_may_not_be_listed(captured: Any, read: Any) -> None:
    pools(
        captured,
        status=STATUS.replace("errors: No known data errors", "errors: List of errors unavailable: x"),
    )
    assert read(Nas())["nas.pool.data_errors[backup]"] is UnknownReason.PERMISSION


def test_a_pool_without_status(captured: Any, read: Any) -> None:
    pools(captured)
    captured.prints("zpool status -p", err="invalid option 'p'\n", code=2)
    told = read(Nas())
    assert told["nas.pool.state[tank]"] == "degraded"
    assert told["nas.pool.missing[tank]"] is UnknownReason.NOT_COLLECTED


def test_the_device_does_not_tell_the_time(captured: Any, read: Any) -> None:
    pools(captured)
    captured.prints("date +%Y-%m-%d %H:%M:%S", "illegal\n", code=1)
    assert read(Nas())["nas.pool.scrub_age[tank]"] is UnknownReason.NOT_COLLECTED


@pytest.mark.parametrize(
    ("err", "error"),
    [
        ("Unable to open /dev/zfs: Permission denied.\n", Denied),
        ("internal error\n", SourceFailed),
        (None, MissingTool),
    ],
)
def test_pools_cannot_be_listed(captured: Any, read: Any, err: str | None, error: type[Exception]) -> None:
    captured.put(ZFS)
    if err is not None:
        captured.prints("zpool list", err=err, code=1)
    with pytest.raises(error):
        read(Nas())


def test_zfs_without_pools(captured: Any, read: Any) -> None:
    captured.put(ZFS)
    captured.prints("zpool list", "")
    assert read(Nas()) == {}


def test_a_disk_that_dsm_has_marked(captured: Any, read: Any) -> None:
    captured.put({"/etc/synoinfo.conf": 'unique="synology_x"\n', "/proc/mdstat": DSM})
    assert read(Nas()) == {"nas.array.disk_errors[md2]": 1, "nas.array.disk_errors[md1]": 0}
    assert [array.state for array in parse_mdstat(DSM)] == ["ok", "ok"], "nobody else notices"


def test_another_machine_costs_two_looks(captured: Any, read: Any) -> None:
    captured.put({"/proc/mdstat": DSM})
    with pytest.raises(Unsupported):
        read(Nas())
    assert captured.started == []


PIECES = st.sampled_from(
    [*STATUS.splitlines(keepends=True), *DSM.splitlines(keepends=True), "\t", " pool: a\n"]
)


@given(st.text() | st.lists(PIECES | st.text(max_size=5), max_size=40).map("".join))
def test_parsers_never_raise_anything_untyped(text: str) -> None:
    for status in parse_status(text).values():
        assert isinstance(status, PoolStatus) and status.missing >= 0 and status.device_errors >= 0
    assert all(0 <= used <= 1 for _, used in parse_list(text).values())
    assert all(count >= 0 for count in parse_marked(text).values())
    assert parse_moment(text) is None or isinstance(parse_moment(text), datetime.datetime)
    try:
        parse_local_time(text)
    except SourceFailed as error:
        assert str(error)

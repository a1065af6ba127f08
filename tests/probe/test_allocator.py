from __future__ import annotations

import platform
import subprocess
import sys

import pytest

PROGRAM = """
from pathlib import Path
from hotline_probe.allocator import save_memory

def resident() -> int:
    lines = Path("/proc/self/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Rss:"))

blocks = [bytearray(2000) for _ in range(20_000)]
last = blocks.pop()  # keeps the heap from shrinking by itself
blocks.clear()
before = resident()
save_memory()
print(before - resident())
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="needs glibc, whose heap can be trimmed")
def test_free_memory_goes_back_to_the_system() -> None:
    result = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    assert int(result.stdout) > 20_000, "kilobytes of about 40,000 that were freed"

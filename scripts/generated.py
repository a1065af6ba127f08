"""Pages that are generated: written, or with --check compared with what is there."""

import sys
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def write_or_check(pages: Mapping[str, str], remedy: str) -> int:
    """Write pages by their path below the project; with --check return 1 and name those that are stale."""
    if "--check" not in sys.argv:
        for name, text in pages.items():
            (ROOT / name).parent.mkdir(parents=True, exist_ok=True)
            (ROOT / name).write_text(text, encoding="utf-8")
        return 0
    stale = [
        name
        for name, text in pages.items()
        if not (ROOT / name).is_file() or (ROOT / name).read_text(encoding="utf-8") != text
    ]
    for name in stale:
        print(f"{name} is stale: run {remedy}", file=sys.stderr)
    if not stale:
        print(f"docs: {', '.join(pages)} up to date")
    return 1 if stale else 0

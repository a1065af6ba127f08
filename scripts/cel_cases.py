"""Fetches the published conformance cases of CEL into .cache/cel-spec, for the tests.

They are the files of github.com/google/cel-spec (Apache License 2.0) as the source distribution of
cel-python carries them. The download counts only if its SHA-256 is the one below. Without a network the
tests run without them and say so.
"""

import io
import sys
import tarfile
from pathlib import Path, PurePosixPath

from bootstrap import Refused, fetch_pinned

PROJECT = "cel-python"
FILE = "cel_python-0.5.0.tar.gz"
SHA256 = "3eb0a619e8df0f338d0430cda01427a742e77e3c433a1c7c3ebd409cd804c45a"
TARGET = Path(__file__).resolve().parent.parent / ".cache" / "cel-spec"
# Tells that the folder holds all files of the pinned release.
STAMP = TARGET / "sha256"


def main() -> int:
    """Fetch the cases unless they are there; not having them is told, but no failure."""
    if STAMP.is_file() and STAMP.read_text(encoding="utf-8") == SHA256:
        return 0
    print("Fetching the conformance cases of CEL …", flush=True)
    try:
        unpack(fetch_pinned(PROJECT, FILE, SHA256))
    except Refused as error:
        print(f"the conformance cases of CEL are left out of the tests: {error}", file=sys.stderr)
    return 0


def unpack(archive: bytes) -> None:
    """Take the cases out of the source distribution."""
    TARGET.mkdir(parents=True, exist_ok=True)
    with tarfile.open(fileobj=io.BytesIO(archive)) as distribution:
        for member in distribution:
            path = PurePosixPath(member.name)
            source = distribution.extractfile(member) if path.suffix == ".textproto" else None
            if source is not None and path.parent.name == "features":
                (TARGET / path.name).write_bytes(source.read())
    STAMP.write_text(SHA256, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())

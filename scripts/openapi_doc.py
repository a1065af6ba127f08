"""Writes docs/openapi.json, which describes the HTTP API; with --check only says whether it is up to date."""

import json
import sys

from generated import write_or_check
from hotline_collector.api.http.app import description


def main() -> int:
    """Write or check the document."""
    text = json.dumps(description(), indent=1, ensure_ascii=False) + "\n"
    return write_or_check({"docs/openapi.json": text}, "make docs")


if __name__ == "__main__":
    sys.exit(main())

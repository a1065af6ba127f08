"""Writes docs/schema/*.json from the forms of a pack; with --check only says whether they are up to date."""

import json
import sys

from generated import write_or_check
from hotline_collector.rulepack.editor_schema import KINDS, editor_schema
from hotline_proto.catalogue import load_catalogue


def main() -> int:
    """Write or check the schemas."""
    catalogue = load_catalogue()
    pages = {
        f"docs/schema/{kind}.json": json.dumps(editor_schema(kind, catalogue), indent=2, ensure_ascii=False)
        + "\n"
        for kind in KINDS
    }
    return write_or_check(pages, "make docs")


if __name__ == "__main__":
    sys.exit(main())

"""docs/privacy.md names all that the probe opens and runs; the interpreter itself reports it (PEP 578)."""

from __future__ import annotations

import re
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest
from hotline_proto.catalogue import load_catalogue

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/privacy.md").read_text("utf-8")
_WATCHED = """
import os, sys
report = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
seen = ("os.listdir", "os.scandir", "os.readlink")
def hook(event, args):
    if event == "subprocess.Popen":
        os.write(report, f"run {args[1][0]}\\n".encode())
    elif event == "open" and isinstance(args[0], (str, bytes)):
        os.write(report, f"open {os.fsdecode(args[0])}\\n".encode())
    elif event in seen and args and isinstance(args[0], (str, bytes)):
        os.write(report, f"list {os.fsdecode(args[0])}\\n".encode())
from hotline_probe.cli import main
sys.addaudithook(hook)
sys.argv = ["hotline-probe", "--preview", "--json"]
sys.exit(main())
"""


def rows() -> dict[str, str]:
    """Return the table's rows by source."""
    return {match[1]: match[0] for match in re.finditer(r"^\| `([a-z]+)` \|.*$", PAGE, re.MULTILINE)}


def spans() -> set[str]:
    """Return what stands in code spans, of files and programs alike."""
    return set(re.findall(r"`([^`]+)`", PAGE))


def spelt(path: str) -> str:
    """Return a path as the page spells it."""
    plain = re.sub(r"^/proc/\d+", "/proc/<pid>", path)
    home = str(Path.home())
    return "~" + plain[len(home) :] if plain.startswith(home + "/") else plain


def named(path: str) -> bool:
    """Tell whether the page names a file, or a folder that it lies in."""
    plain = spelt(path)
    return any(plain == span or plain.startswith(span.rstrip("/") + "/") for span in spans() if len(span) > 1)


def above_something(folder: str) -> bool:
    """Tell whether a folder is one in which a named file or any program could be."""
    plain = spelt(folder).rstrip("/") + "/"
    programs = [
        f"{place}/"
        for place in ("/usr/bin", "/bin", "/usr/sbin", "/sbin", "/usr/local/bin", "/usr/local/sbin")
    ]
    return plain in programs or any(span.startswith(plain) for span in spans())


def mount_points() -> set[str]:
    """Return where things are mounted here, as mountinfo spells it."""
    return {line.split(" ")[4] for line in Path("/proc/self/mountinfo").read_text().splitlines()}


def own(path: str) -> bool:
    """Tell whether a file belongs to Python or the probe."""
    places = {sys.prefix, sys.base_prefix, str(ROOT), *sysconfig.get_paths().values()} - {
        "/usr",
        "/usr/local",
    }
    code = path.endswith((".py", ".pyc", ".so", ".toml", ".json", ".mo", ".pth")) or ".so." in path
    return (
        not path.startswith("/")
        or any(path.startswith(place + "/") or path == place for place in places)
        or code
    )


def test_every_source_has_a_row_and_personal_facts_are_named() -> None:
    catalogue = load_catalogue()
    assert not set(catalogue.sources) - set(rows()), "describe new sources in docs/privacy.md"
    for source, row in rows().items():
        facts = catalogue.facts_of_source.get(source, ())
        if any(fact.sensitivity == "personal" for fact in facts):
            assert row.split("|")[4].strip() != "–", f"{source} has personal facts"


@pytest.mark.skipif(sys.platform != "linux", reason="the table is about Linux")
def test_the_page_names_whatever_a_preview_opens_lists_and_runs(tmp_path: Path) -> None:
    report = tmp_path / "report"
    done = subprocess.run(
        [sys.executable, "-c", _WATCHED, str(report)], capture_output=True, text=True, check=False, timeout=90
    )
    assert done.returncode == 0, done.stderr
    seen = sorted({tuple(line.split(" ", 1)) for line in report.read_text().splitlines()})
    paths = [(kind, path) for kind, path in seen if kind != "run" and not own(path)]
    assert len(paths) > 30, "the report lives"
    mounted = mount_points()
    unnamed = [
        (kind, path)
        for kind, path in paths
        if not named(path) and not (kind == "list" and (above_something(path) or path in mounted))
    ]
    assert not unnamed, unnamed
    programs = {Path(path).name for kind, path in seen if kind == "run"}
    assert programs - spans() == set()

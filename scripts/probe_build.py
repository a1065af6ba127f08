"""Builds the probe as one file, and prints its size and how long it takes to start.

    python scripts/probe_build.py pyz      # needs Python 3.11 or newer on the caller's machine
    python scripts/probe_build.py binary   # needs nothing there; made for the system it is built on

`OPERATOR=FILE` in the environment packs an operator's `operator.toml` in, so that a bare code is enough.
The file is made in `dist/`.
"""

from __future__ import annotations

import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

ROOT = Path(__file__).resolve().parent.parent
DIST = ROOT / "dist"
NAME = "hotline-probe"
SHIV = "shiv==1.0.8"
PYINSTALLER = "pyinstaller==6.22.3"
PACKED = "ssh-libraries.zip"
# paramiko runs without invoke; the others build C modules.
UNUSED = {"invoke", "cffi", "pycparser", "bin"}
SYSTEMS = {"win32": "windows", "darwin": "macos"}
STARTS = 5


class BuildFailed(Exception):
    """A tool ended with an error, or what it made does not start."""


def main(kind: str) -> int:
    """Build one kind of file, say what came out, and return the exit code."""
    DIST.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="hotline-build-") as folder:
        site = _stage(Path(folder))
        make = _pyz if kind == "pyz" else _binary
        built = _placed(make(site, Path(folder)))
        try:
            times = _starts(built)
        except BuildFailed as error:
            # Seen twice in some hundred builds: a program, just written, that could not unpack itself.
            print(f"{error}: building once more", file=sys.stderr)
            built = _placed(make(site, Path(folder)))
            times = _starts(built)
    first, median = times
    print(
        f"{built.relative_to(ROOT)}: {built.stat().st_size / 1e6:.1f} MB, "
        f"cold start {median:.2f} s (median of {STARTS}; the first {first:.2f} s)"
    )
    return 0


def _placed(made: Path) -> Path:
    """Put a file where builds are kept, whole on the disk; whoever runs the last one goes on undisturbed."""
    built = DIST / made.name
    fresh = built.with_suffix(".new")
    shutil.copy2(made, fresh)
    with fresh.open("rb") as file:
        os.fsync(file.fileno())
    fresh.replace(built)
    return built


def _stage(folder: Path) -> Path:
    """Return a folder with the probe and what it depends on, as pip would install it.

    What only SSH and encrypted bundles need is an archive in it, which the probe unpacks when it is needed.
    """
    uv, wheels = _uv(), folder / "wheels"
    for package in ("hotline-proto", "hotline-probe"):
        _run(uv, "build", "-q", "--wheel", "--package", package, "-o", str(wheels))
    proto, probe = (str(next(wheels.glob(f"hotline_{name}-*.whl"))) for name in ("proto", "probe"))
    # The versions that the tests ran with.
    pins = folder / "pins.txt"
    locked = (
        "--frozen",
        "--package",
        "hotline-probe",
        "--extra",
        "ssh",
        "--no-hashes",
        "--no-emit-workspace",
    )
    _run(uv, "export", "-q", *locked, "-o", str(pins), quiet=True)
    site, full = folder / "site", folder / "full"
    for place, wheel in ((site, probe), (full, f"{probe}[ssh]")):
        into = ("--python", sys.executable, "--target", str(place), "-c", str(pins))
        _run(uv, "pip", "install", "-q", *into, proto, wheel)
    _pack_ssh(site, full)
    preset = os.environ.get("OPERATOR")
    if preset:
        shutil.copyfile(preset, site / "hotline_probe" / "operator.toml")
    return site


def _pack_ssh(site: Path, full: Path) -> None:
    """Make an archive of what `full` has more than `site`, but for what only building and typing need."""
    own = {path.name for path in site.iterdir()}
    more = [path for path in sorted(full.iterdir()) if path.name not in own]
    needed = [path for path in more if path.name.partition("-")[0] not in UNUSED]
    with zipfile.ZipFile(
        site / "hotline_probe" / PACKED, "w", zipfile.ZIP_DEFLATED, compresslevel=9
    ) as packed:
        for file in (file for path in needed for file in (path, *sorted(path.rglob("*")))):
            if file.is_file() and file.suffix not in (".pyi", ".pyc"):
                # With times of their own two builds of the same sources would differ.
                entry = zipfile.ZipInfo(file.relative_to(full).as_posix())
                packed.writestr(entry, file.read_bytes(), zipfile.ZIP_DEFLATED)


def _standard_modules(site: Path) -> list[str]:
    """Return the modules of Python that the packed libraries import, which PyInstaller does not see."""
    code = (
        "import sys; sys.path.append(sys.argv[1]); import paramiko; "
        "from cryptography.hazmat.primitives import hpke; "
        "print(*sorted(name for name, module in sys.modules.items()"
        " if getattr(module, '__spec__', None) and name.split('.')[0] in sys.stdlib_module_names))"
    )
    with tempfile.TemporaryDirectory(prefix="hotline-build-") as folder:
        with zipfile.ZipFile(site / "hotline_probe" / PACKED) as packed:
            packed.extractall(folder)
        words = (sys.executable, "-I", "-S", "-c", code, folder)
        return subprocess.run(words, capture_output=True, text=True, check=True).stdout.split()


def _pyz(site: Path, folder: Path) -> Path:
    built = folder / f"{NAME}.pyz"
    _tool(
        SHIV,
        "shiv",
        "--site-packages",
        str(site),
        "--entry-point",
        "hotline_probe.onefile:main",
        "--python",
        "/usr/bin/env python3",
        "--reproducible",
        "--output-file",
        str(built),
    )
    return built


def _binary(site: Path, folder: Path) -> Path:
    name = f"{NAME}-{SYSTEMS.get(sys.platform, sys.platform)}-{platform.machine().lower()}"
    entry = folder / "entry.py"
    entry.write_text("import sys\nfrom hotline_probe.onefile import main\nsys.exit(main())\n")
    hidden = (f"--hidden-import={module}" for module in _standard_modules(site))
    _tool(
        PYINSTALLER,
        "pyinstaller",
        "--onefile",
        "--log-level=ERROR",
        f"--name={name}",
        f"--paths={site}",
        "--collect-data=hotline_proto",
        "--collect-data=hotline_probe",
        "--collect-submodules=hotline_probe",
        # For their licences.
        *(f"--copy-metadata={name}" for name in ("grpcio", "protobuf", "psutil", "typing-extensions")),
        *hidden,
        f"--distpath={folder}",
        f"--workpath={folder / 'work'}",
        f"--specpath={folder}",
        str(entry),
        path=str(site),
    )
    return folder / (f"{name}.exe" if sys.platform == "win32" else name)


def _starts(built: Path) -> tuple[float, float]:
    # The file cleans up after itself, so every start has to unpack.
    command = [sys.executable, str(built)] if built.suffix == ".pyz" else [str(built)]
    times = []
    for _ in range(STARTS):
        begin = time.perf_counter()
        _run(*command, "--version", quiet=True)
        times.append(time.perf_counter() - begin)
    return times[0], statistics.median(times)


def _tool(requirement: str, *words: str, path: str = "") -> None:
    # PyInstaller looks for a package's data by importing it.
    python = ("--isolated", "--no-project", "--python", sys.executable)
    _run(_uv(), "run", "-q", *python, "--with", requirement, *words, environ={"PYTHONPATH": path})


def _run(*words: str, quiet: bool = False, environ: Mapping[str, str] = MappingProxyType({})) -> None:
    out = subprocess.DEVNULL if quiet else None
    done = subprocess.run(words, cwd=ROOT, stdout=out, env=os.environ | environ, check=False)
    if done.returncode:
        free = shutil.disk_usage(tempfile.gettempdir()).free / 1e6
        raise BuildFailed(
            f"{Path(words[0]).name} ended with {done.returncode}; {free:.0f} MB free for temporary files"
        )


def _uv() -> str:
    return os.environ.get("UV") or str(ROOT / ".uv" / "bin" / "uv")


if __name__ == "__main__":
    if sys.argv[1:] not in (["pyz"], ["binary"]):
        sys.exit(__doc__)
    try:
        sys.exit(main(sys.argv[1]))
    except BuildFailed as error:
        sys.exit(str(error))

"""Puts a hash-pinned uv into .uv/bin, with nothing but Python's standard library.

uv is taken from the configured package index (UV_DEFAULT_INDEX, UV_INDEX_URL, PIP_INDEX_URL, pip's
configuration, else the public one) and through the configured proxy. The download counts only if its
SHA-256 is one of those below, so that a machine without CA certificates can be set up too.
"""

import configparser
import hashlib
import io
import json
import os
import platform
import ssl
import stat
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request
import zipfile
from pathlib import Path

VERSION = "0.13.9"
WHEELS = {
    ("linux", "x86_64"): (
        f"uv-{VERSION}-py3-none-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
        "d7f459fe4fd247d830351c75686d3996ace3c6f3f728eb0e85a30b7ada0cef19",
    ),
    ("linux", "aarch64"): (
        f"uv-{VERSION}-py3-none-manylinux_2_17_aarch64.manylinux2014_aarch64.musllinux_1_1_aarch64.whl",
        "5435c5ce14a56431208ca0996416d310f1598e8c2c8ba707688985a16bb82dbe",
    ),
    ("darwin", "x86_64"): (
        f"uv-{VERSION}-py3-none-macosx_10_12_x86_64.whl",
        "c16ed11e013557536b3e60065f1b912f6407bd6518e041b961e23ef9e6b4fbf5",
    ),
    ("darwin", "arm64"): (
        f"uv-{VERSION}-py3-none-macosx_11_0_arm64.whl",
        "66c512266d633bef48384a1f53003f41f2a8e7b36fe6e7fbfd3e0fd52d96fa63",
    ),
}
PUBLIC_INDEX = "https://pypi.org/simple"
NEEDED_PYTHON = (3, 11)
TIMEOUT = 120.0


class Refused(Exception):
    """The set-up cannot go on; the message is the one line that the user sees."""


def main() -> int:
    """Install uv unless it is there; return the exit code."""
    target = Path(__file__).resolve().parent.parent / ".uv" / "bin" / "uv"
    try:
        if sys.version_info < NEEDED_PYTHON:
            raise Refused(f"Hotline needs Python 3.11 or newer; this is {platform.python_version()}.")
        if not is_current(target):
            print(f"Fetching uv {VERSION} …", flush=True)
            install(fetch(), target)
    except Refused as error:
        print(f"set-up: {error}", file=sys.stderr)
        return 1
    return 0


def is_current(uv: Path) -> bool:
    """Tell whether the pinned version is installed and runs."""
    try:
        told = subprocess.run([str(uv), "--version"], capture_output=True, text=True, check=True, timeout=30)
    except (OSError, subprocess.SubprocessError):
        return False
    return told.stdout.split()[1:2] == [VERSION]


def fetch() -> bytes:
    """Return the wheel for this machine, checked."""
    machine = (sys.platform, platform.machine().lower())
    if machine not in WHEELS:
        raise Refused(f"no uv is pinned for {' '.join(machine)}; put uv {VERSION} into .uv/bin yourself.")
    return fetch_pinned("uv", *WHEELS[machine])


def fetch_pinned(project: str, name: str, digest: str) -> bytes:
    """Return a file of a project from the configured package index, checked against its SHA-256."""
    index = f"{index_url().rstrip('/')}/{project}/"
    page = json.loads(read(index, {"Accept": "application/vnd.pypi.simple.v1+json"}))
    links = [item["url"] for item in page.get("files", []) if item.get("filename") == name]
    if not links:
        raise Refused(f"the package index has no {name}.")
    content = read(urllib.parse.urljoin(index, links[0]), {})
    if hashlib.sha256(content).hexdigest() != digest:
        raise Refused(f"{name} is not the file that was pinned: its SHA-256 differs.")
    return content


def read(url: str, headers: dict[str, str]) -> bytes:
    """Return what a URL holds; without CA certificates the pinned digest alone vouches for it."""
    request = urllib.request.Request(url, headers=headers)
    bundle = os.environ.get("PIP_CERT") or os.environ.get("SSL_CERT_FILE")
    context = ssl.create_default_context(cafile=bundle if bundle and Path(bundle).is_file() else None)
    if not context.cert_store_stats()["x509_ca"]:
        print("set-up: no CA certificates here; the SHA-256 alone vouches for the download.", file=sys.stderr)
        context = ssl._create_unverified_context()
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT, context=context) as answer:
            body: bytes = answer.read()
            return body
    except (OSError, urllib.error.URLError, ValueError) as error:
        raise Refused(f"cannot read {url}: {error}. Is there a proxy to set (https_proxy)?") from error


def index_url() -> str:
    """Return the package index that this machine is configured for."""
    for name in ("UV_DEFAULT_INDEX", "UV_INDEX_URL", "PIP_INDEX_URL"):
        if os.environ.get(name):
            return os.environ[name]
    home = Path.home()
    for file in (home / ".config/pip/pip.conf", home / ".pip/pip.conf", Path("/etc/pip.conf")):
        parser = configparser.ConfigParser(interpolation=None, strict=False)
        try:
            parser.read(file, encoding="utf-8")
        except (configparser.Error, OSError):
            continue
        if url := parser.get("global", "index-url", fallback=""):
            return url
    return PUBLIC_INDEX


def install(wheel: bytes, target: Path) -> None:
    """Take the program out of the wheel and put it in its place."""
    member = f"uv-{VERSION}.data/scripts/uv"
    with zipfile.ZipFile(io.BytesIO(wheel)) as archive:
        program = archive.read(member)
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = target.with_suffix(".new")
    fresh.write_bytes(program)
    fresh.chmod(fresh.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)
    fresh.replace(target)


if __name__ == "__main__":
    sys.exit(main())

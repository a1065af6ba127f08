"""Where packs lie: installed ones by their entry point, others in folders; their files as bytes."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import metadata, resources
from importlib.resources.abc import Traversable
from pathlib import Path

from hotline_collector.rulepack.faults import Fault, PackError

ENTRY_POINTS = "hotline.rules"
SIGNATURE_FILE = "pack.sig"
_SUFFIXES = (".yaml", ".yml")


@dataclass(frozen=True, slots=True)
class PackFolder:
    """A folder with a pack; `name` precedes the names of its files, `editable` ones may change any time."""

    name: str
    root: Traversable
    editable: bool


@dataclass(frozen=True, slots=True)
class PackFiles:
    """The files of a pack by their path below its folder, and its signature if there is one."""

    name: str
    files: Mapping[str, bytes]
    signature: bytes | None

    def path(self, file: str) -> str:
        """Return how a file is called beside those of other packs."""
        return f"{self.name}/{file}" if self.name else file


def pack_folders(own: Iterable[Path] = ()) -> list[PackFolder]:
    """Return the installed packs and some folders, each with a name of its own."""
    found = [
        PackFolder(entry.name, resources.files(entry.value), _is_editable(entry.dist))
        for entry in sorted(metadata.entry_points(group=ENTRY_POINTS), key=lambda item: item.name)
    ]
    for folder in own:
        taken = {other.name for other in found}
        base = folder.resolve().name
        name = next(n for n in (base, *(f"{base}-{i}" for i in range(2, len(taken) + 3))) if n not in taken)
        found.append(PackFolder(name, folder, True))
    return found


def read_pack(folder: PackFolder) -> PackFiles:
    """Return the files of a pack.

    Raises:
        PackError: the folder does not exist or cannot be read.
    """
    files = read_files(folder.root, "")
    signature = folder.root.joinpath(SIGNATURE_FILE)
    try:
        return PackFiles(folder.name, files, signature.read_bytes() if signature.is_file() else None)
    except OSError as error:
        raise PackError([Fault(str(signature), 1, 1, error.strerror or str(error))]) from error


def is_pack_file(name: str) -> bool:
    """Tell whether a file of this name belongs to a pack."""
    return name.endswith(_SUFFIXES) or name == SIGNATURE_FILE


def is_pack_folder(name: str) -> bool:
    """Tell whether a folder of this name belongs to a pack; hidden ones and those for Python do not."""
    return not name.startswith(("_", "."))


def read_files(root: Traversable, prefix: str) -> dict[str, bytes]:
    """Return the YAML files below a folder by their path.

    Raises:
        PackError: the folder does not exist or cannot be read.
    """
    out: dict[str, bytes] = {}
    start = f"{prefix}/" if prefix else ""
    try:
        for item in sorted(root.iterdir(), key=lambda entry: entry.name):
            if item.name.endswith(_SUFFIXES) and not item.is_dir():
                out[start + item.name] = item.read_bytes()
            elif is_pack_folder(item.name) and item.is_dir():
                out.update(read_files(item, start + item.name))
    except OSError as error:
        raise PackError([Fault(str(root), 1, 1, error.strerror or str(error))]) from error
    return out


def _is_editable(distribution: metadata.Distribution | None) -> bool:
    """Tell whether a distribution is installed editable.

    Source: Python Packaging User Guide, "Recording the Direct URL Origin of installed distributions".
    """
    told = distribution.read_text("direct_url.json") if distribution is not None else None
    return bool(told) and bool(json.loads(told or "{}").get("dir_info", {}).get("editable", False))

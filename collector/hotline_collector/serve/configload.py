"""Reads the configuration: flags before environment before file before defaults, all faults at once.

Environment variables are `HOTLINE_` and the key, sections joined by two underscores:
`HOTLINE_LISTEN__GRPC_PORT=0`. Lists are separated by commas, intervals are written `cpu=2,dns=10`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from hotline_collector.errors import ConfigError, ConfigFault
from hotline_collector.model.hints import did_you_mean
from hotline_collector.serve.config import Config

PREFIX = "HOTLINE_"
# Variables of the same prefix that belong to other commands.
FOREIGN = frozenset(
    {
        "HOTLINE_CONFIG",
        "HOTLINE_SERVER",
        "HOTLINE_WEB_PORT",
        "HOTLINE_USER",
        "HOTLINE_PASSWORD",
        "HOTLINE_HOME",
        "HOTLINE_ADMIN_PASSWORD",
    }
)
DEFAULT = "default"
Key = tuple[str, ...]


@dataclass(slots=True)
class Loaded:
    """A valid configuration and where each key that is not a default comes from."""

    config: Config
    origins: dict[Key, str] = field(default_factory=dict)

    def entries(self) -> Iterator[tuple[str, Any, str]]:
        """Yield every key, its value and its origin."""
        for key in _keys(Config):
            value: Any = self.config
            for part in key:
                value = getattr(value, part)
            yield ".".join(key), value, self.origins.get(key, DEFAULT)


def load(file: Path | None, environ: Mapping[str, str], flags: Mapping[str, Any]) -> Loaded:
    """Return the configuration; `flags` maps dotted keys to values, None means not given.

    Raises:
        ConfigError: with every fault, each with its origin.
    """
    faults: list[ConfigFault] = []
    values: dict[Key, Any] = {}
    origins: dict[Key, str] = {}
    sources = (_from_file(file, faults), _from_environment(environ, faults), _from_flags(flags))
    for source in sources:
        for key, value, origin in source:
            values[key], origins[key] = value, origin
    try:
        config = Config.model_validate(_nested(values))
    except ValidationError as error:
        faults += _faults(error, origins)
        config = None
    if config is None or faults:
        raise ConfigError(faults)
    return Loaded(config, origins)


def _from_file(file: Path | None, faults: list[ConfigFault]) -> Iterator[tuple[Key, Any, str]]:
    if file is None:
        return
    try:
        table = tomllib.loads(file.read_text("utf-8"))
    except OSError as error:
        faults.append(ConfigFault(str(file), f"cannot be read: {error.strerror}"))
        return
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        faults.append(ConfigFault(str(file), f"is no TOML: {error}"))
        return
    known, sections = _keys(Config), _sections()
    for top, value in table.items():
        inner = value.items() if top in sections and isinstance(value, dict) else None
        pairs = [((top,), value)] if inner is None else [((top, name), item) for name, item in inner]
        for key, item in pairs:
            origin = f"{file}:{'.'.join(key)}"
            if key in known:
                yield key, item, origin
            elif key[0] in sections and len(key) == 1:
                faults.append(ConfigFault(origin, f"is a section; write [{top}]"))
            else:
                faults.append(ConfigFault(origin, "there is no such key" + _suggest(".".join(key))))


def _from_environment(
    environ: Mapping[str, str], faults: list[ConfigFault]
) -> Iterator[tuple[Key, Any, str]]:
    known = {PREFIX + "__".join(key).upper(): key for key in _keys(Config)}
    for name, text in sorted(environ.items()):
        if not name.startswith(PREFIX) or name in FOREIGN:
            continue
        key = known.get(name)
        if key is None:
            faults.append(ConfigFault(name, f"there is no such variable{did_you_mean(name, known)}"))
        else:
            yield key, _from_text(key, text), name


def _from_flags(flags: Mapping[str, Any]) -> Iterator[tuple[Key, Any, str]]:
    for name, value in flags.items():
        if value is not None:
            key = tuple(name.split("."))
            yield key, _from_text(key, value) if isinstance(value, str) else value, f"flag {name}"


def _from_text(key: Key, text: str) -> Any:
    annotation = str(_keys(Config)[key])
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if annotation.startswith("tuple"):
        return parts
    if annotation.startswith("dict"):
        pairs = [part.partition("=") for part in parts]
        return {name.strip(): value.strip() for name, _, value in pairs}
    return text


def _keys(model: type[BaseModel], prefix: Key = ()) -> dict[Key, Any]:
    out: dict[Key, Any] = {}
    for name, info in model.model_fields.items():
        kind = info.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            out.update(_keys(kind, (*prefix, name)))
        else:
            out[(*prefix, name)] = kind
    return out


def _sections() -> set[str]:
    return {key[0] for key in _keys(Config) if len(key) > 1}


def _nested(values: Mapping[Key, Any]) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for key, value in values.items():
        table = out
        for part in key[:-1]:
            table = table.setdefault(part, {})
        table[key[-1]] = value
    return out


def _faults(error: ValidationError, origins: Mapping[Key, str]) -> Iterator[ConfigFault]:
    for item in error.errors(include_url=False, include_context=False):
        place = tuple(str(part) for part in item["loc"])
        message = _plain(item)
        set_there = [key for key in origins if key == place[: len(key)]]
        if set_there:
            message = _within(place[len(set_there[0]) :]) + message
        # A fault of a whole section: name what was set in it.
        where = set_there or [key for key in origins if place == key[: len(place)]]
        origin = ", ".join(origins[key] for key in where) or ".".join(place) or "configuration"
        yield ConfigFault(origin, message)


def _plain(item: Any) -> str:
    match item["type"]:
        case "missing":
            return "is missing"
        case "extra_forbidden":
            *place, name = item["loc"]
            return f"there is no such setting{did_you_mean(str(name), _settings_at(place))}"
        case _:
            return str(item["msg"]).removeprefix("Value error, ")


def _settings_at(place: Sequence[str | int]) -> Iterable[str]:
    """Return the names of the settings at a place of the configuration, none if it has none."""
    kind: Any = Config
    for part in place:
        if isinstance(part, int):
            kind = next(iter(get_args(kind)), None)
        else:
            fields: Mapping[str, Any] = getattr(kind, "model_fields", {})
            kind = fields[part].annotation if part in fields else None
    return getattr(kind, "model_fields", {})


def _within(rest: Key) -> str:
    """Say which part of a value is meant, as far as it has a name."""
    if all(part.isdigit() for part in rest):
        return ""
    return "".join(f"entry {int(part) + 1}: " if part.isdigit() else f"{part}: " for part in rest)


def _suggest(name: str) -> str:
    names = [".".join(key) for key in _keys(Config)]
    last = [item.rpartition(".")[2] for item in names]
    return did_you_mean(name, names) or did_you_mean(name.rpartition(".")[2], last)

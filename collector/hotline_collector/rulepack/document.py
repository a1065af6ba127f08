"""YAML documents that remember where everything stands."""

from __future__ import annotations

from typing import Any

import yaml

from hotline_collector.rulepack.faults import Fault

Path = tuple[str | int, ...]
MAX_BYTES = 256 * 1024
MAX_NODES = 20_000


class Document:
    """A parsed YAML file: plain data, and the position of each value.

    `known` is the data if it was read from the same text before, without a fault; the text is then parsed
    only when a position in it is asked for.

    Text stays text: only true, false and numbers written as such become other types, so that `no`, `on`
    and `12:30` mean what they look like.
    """

    def __init__(self, name: str, text: str, known: Any = None) -> None:
        self.name = name
        self.faults: list[Fault] = []
        self.data: Any = known
        self._nodes: dict[Path, yaml.Node] = {}
        self._lines: list[str] = []
        self._count = 0
        self._unread = text
        if known is None:
            self._parse()

    def fault(self, path: Path, message: str, offset: int | None = None) -> Fault:
        """Return a fault at a value, or at an offset within a text value."""
        self._parse()
        node = self._nearest(path)
        if node is None:
            return Fault(self.name, 1, 1, message)
        if offset is not None and isinstance(node, yaml.ScalarNode):
            return Fault(self.name, *self._within(node, offset), message)
        return Fault(self.name, node.start_mark.line + 1, node.start_mark.column + 1, message)

    def _parse(self) -> None:
        text, self._unread = self._unread, ""
        if not text:
            return
        self._lines = text.splitlines()
        if len(text.encode()) > MAX_BYTES:
            self.faults.append(Fault(self.name, 1, 1, f"the file is larger than {MAX_BYTES // 1024} KiB"))
            return
        try:
            root = yaml.compose(text, Loader=yaml.CSafeLoader)
            self.data = self._build(root, ()) if root is not None else None
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
            self.faults.append(Fault(self.name, line, column, f"not YAML: {error.problem}"))
        except yaml.YAMLError as error:
            self.faults.append(Fault(self.name, 1, 1, f"not YAML: {error}"))
        except RecursionError:
            self.faults.append(Fault(self.name, 1, 1, "nested too deeply"))

    def _build(self, node: yaml.Node, path: Path) -> Any:
        self._count += 1
        if self._count > MAX_NODES:
            raise yaml.YAMLError(f"more than {MAX_NODES} values; aliases multiply them")
        self._nodes[path] = node
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self._build(item, (*path, index)) for index, item in enumerate(node.value)]
        return _scalar(node)

    def _mapping(self, node: yaml.MappingNode, path: Path) -> dict[str, Any]:
        out: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = str(key_node.value)
            if key in out:
                mark = key_node.start_mark
                self.faults.append(Fault(self.name, mark.line + 1, mark.column + 1, f"{key} is given twice"))
            out[key] = self._build(value_node, (*path, key))
        return out

    def _nearest(self, path: Path) -> yaml.Node | None:
        while path and path not in self._nodes:
            path = path[:-1]
        return self._nodes.get(path)

    def _within(self, node: yaml.ScalarNode, offset: int) -> tuple[int, int]:
        """Return line and column of an offset in a text, through the folding of block scalars."""
        first, last = node.start_mark.line, node.end_mark.line
        if node.style not in ("|", ">"):
            quoted = 1 if node.style in ("'", '"') else 0
            return first + 1, node.start_mark.column + 1 + quoted + offset
        block = self._lines[first + 1 : max(last, first + 2)]
        indent = min((len(line) - len(line.lstrip()) for line in block if line.strip()), default=0)
        for number, line in enumerate(block, start=first + 2):
            length = len(line) - indent
            if offset <= length:
                return number, indent + offset + 1
            offset -= length + 1
        return first + 1, node.start_mark.column + 1


def _scalar(node: yaml.Node) -> Any:
    text, tag = node.value, node.tag
    if tag == "tag:yaml.org,2002:bool" and text.lower() in ("true", "false"):
        return text.lower() == "true"
    if tag == "tag:yaml.org,2002:int" and text.lstrip("+-").isdecimal():
        return int(text)
    if tag == "tag:yaml.org,2002:float" and ":" not in text:
        return float(text)
    if tag == "tag:yaml.org,2002:null":
        return None
    return text

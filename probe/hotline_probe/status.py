"""What the terminal shows: lines of news, one live status line, questions; or the same as JSON lines."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Sequence
from typing import Any, Protocol, TextIO

from hotline_probe.face import Status, connection, measured
from hotline_probe.link import LinkState
from hotline_probe.terminal import Style
from hotline_probe.texts import Texts


class Screen(Protocol):
    """What the terminal face prints to."""

    @property
    def for_humans(self) -> bool:
        """Whether somebody reads it, rather than a program."""
        ...

    def event(self, kind: str, text: str = "", **data: object) -> None:
        """Show news: a sentence for humans (none if empty), `kind` and `data` for programs."""
        ...

    def update(self, status: Status) -> None:
        """Show where the call stands."""
        ...

    def prompt(self, text: str, again: str = "") -> None:
        """Show a question that waits for an answer; `again` asks it anew below news that came meanwhile."""
        ...

    def answered(self) -> None:
        """The question is settled."""
        ...

    def close(self) -> None:
        """Leave nothing half shown when the program ends."""
        ...


class HumanScreen:
    """Sentences, and a status line at the bottom where the output is a terminal."""

    for_humans = True

    def __init__(self, texts: Texts, colour: bool = True, out: TextIO | None = None) -> None:
        self._texts = texts
        self._out = out or sys.stdout
        self._style = Style(self._out, colour)
        self._prompt = ""
        self._again = ""
        self._line = ""
        self._status: Status | None = None

    def event(self, kind: str, text: str = "", **data: Any) -> None:
        """Print the sentence above the status line or the open question."""
        if not text:
            return
        if kind == "local_picture":
            self._show_picture(text, data["modules"])
            return
        style = {"warning": "yellow", "error": "red", "words": "bold"}.get(kind)
        text = self._style.wrap(text)
        self._print(self._style.paint(text, style) if style else text)

    def update(self, status: Status) -> None:
        """Redraw the status line; without a terminal print the connection when it changes."""
        before, self._status = self._status, status
        if self._style.live:
            self._line = self._compose(status)
            self._draw()
        elif before is None or (before.link, before.retry_in) != (status.link, status.retry_in):
            self._print(connection(status, self._texts))

    def prompt(self, text: str, again: str = "") -> None:
        """Show the question instead of the status line."""
        self._prompt, self._again = self._style.wrap(text), self._style.wrap(again or text)
        self._out.write(self._style.erase() + self._prompt)
        self._out.flush()

    def answered(self) -> None:
        """Show the status line again."""
        self._prompt = ""
        self._draw()

    def close(self) -> None:
        """Take away the status line, which is true no longer."""
        if self._line and not self._prompt:
            self._out.write(self._style.erase())
            self._out.flush()
        self._line = ""

    def _show_picture(self, text: str, modules: Sequence[str]) -> None:
        """Print a picture and what to do with it; nothing where there is no room for one."""
        if not self._style.live or len(modules) > self._style.columns():
            return  # broken lines are no picture
        from hotline_probe.picture import drawn  # noqa: PLC0415 - few callers ever see one

        drawing = drawn(modules)
        encoding = getattr(self._out, "encoding", None) or "utf-8"
        with contextlib.suppress(UnicodeEncodeError, LookupError):  # such a terminal shows the digits only
            drawing.encode(encoding)
            self._print(self._style.wrap(text))
            self._print(drawing)

    def _print(self, text: str) -> None:
        self._out.write(self._style.erase(self._prompt.count("\n") + 1) + text + "\n")
        if self._prompt:
            self._prompt = self._again
            self._out.write(self._prompt)
        self._draw()
        self._out.flush()

    def _draw(self) -> None:
        if self._style.live and self._line and not self._prompt:
            self._out.write(self._style.redraw(self._line))
            self._out.flush()

    def _compose(self, status: Status) -> str:
        parts = (connection(status, self._texts), status.agent, status.words, measured(status, self._texts))
        return " · ".join(part for part in parts if part)


class JsonScreen:
    """One JSON object a line for programs; questions go to standard error."""

    for_humans = False

    def __init__(self, out: TextIO | None = None, questions: TextIO | None = None) -> None:
        self._out = out or sys.stdout
        self._questions = questions or sys.stderr
        self._link: tuple[LinkState, float] | None = None

    def event(self, kind: str, text: str = "", **data: object) -> None:
        """Print the event; the sentence goes along under `text`."""
        body = {"event": kind, **({"text": text} if text else {}), **data}
        self._out.write(json.dumps(body, ensure_ascii=False) + "\n")
        self._out.flush()

    def update(self, status: Status) -> None:
        """Print the connection when it changes."""
        if self._link != (status.link, status.retry_in):
            self._link = (status.link, status.retry_in)
            self.event("link", state=status.link.value, retry_in_s=round(status.retry_in, 3))

    def prompt(self, text: str, again: str = "") -> None:  # noqa: ARG002 - a protocol's
        """Ask on standard error."""
        self._questions.write(text)
        self._questions.flush()

    def answered(self) -> None:
        """Nothing to clean up."""

    def close(self) -> None:
        """Nothing to clean up."""

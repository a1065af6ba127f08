"""The two pages that open over the live view: the keys, and one line to type."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from hotline_collector.console.texts import Texts

_CSS = """
{name} {{ align: center middle; }}
{name} > Vertical {{ width: 76; max-width: 95%; height: auto; padding: 1 2; border: round $accent; }}
"""


def key_lines(texts: Texts) -> list[tuple[str, str]]:
    """Return each key with what it does."""
    return [
        ("?", texts.key_help),
        ("q", texts.key_quit),
        ("j ↓", texts.key_next),
        ("k ↑", texts.key_previous),
        ("p", texts.key_propose),
        ("o", texts.key_owner),
        ("d", texts.key_done),
        ("u", texts.key_undo),
        ("a", texts.key_answer),
        ("c", texts.key_check),
        ("n", texts.key_note),
        ("w", texts.key_words),
        ("e", texts.key_personal),
        ("f", texts.key_facts),
        ("l", texts.key_language),
    ]


class HelpScreen(ModalScreen[None]):
    """Shows the keys; any key closes it."""

    CSS = _CSS.format(name="HelpScreen")

    def __init__(self, texts: Texts) -> None:
        super().__init__()
        self._texts = texts

    def compose(self) -> ComposeResult:
        """Lay out one line for each key."""
        lines = [Text(self._texts.help_title, "bold")]
        lines += [Text.assemble((f"{key:<5}", "bold"), what) for key, what in key_lines(self._texts)]
        lines += [Text(), Text(self._texts.help_keys, "dim")]
        with Vertical():
            yield Static(Text("\n").join(lines), markup=False)

    def on_key(self, event: events.Key) -> None:
        """Close the page."""
        event.stop()
        self.dismiss(None)


class PromptScreen(ModalScreen[str | None]):
    """Asks for one line; ends with the text, or None when it is cancelled.

    `accept` returns the text to end with, or None to keep the page open, which then says `refused`.
    """

    CSS = _CSS.format(name="PromptScreen")
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "cancel", show=False)]

    def __init__(
        self,
        title: str,
        hint: str,
        accept: Callable[[str], str | None],
        cancel_hint: str,
        refused: str = "",
    ) -> None:
        super().__init__()
        self._title = title
        self._hint = hint
        self._accept = accept
        self._cancel_hint = cancel_hint
        self._refused = refused

    def compose(self) -> ComposeResult:
        """Lay out the question, the answers to choose from and the line to type."""
        with Vertical():
            yield Static(Text(self._title, "bold"), markup=False)
            if self._hint:
                yield Static(Text(self._hint), id="hint", markup=False)
            yield Input(id="typed", max_length=2000)
            yield Static(Text(self._cancel_hint, "dim"), id="below", markup=False)

    def on_mount(self) -> None:
        """Let typing begin at once."""
        self.query_one(Input).focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """End with the text if it makes sense."""
        event.stop()
        text = self._accept(event.value)
        if text is not None:
            self.dismiss(text)
        elif event.value.strip() and self._refused:
            lines = Text.assemble((f"{self._refused}\n", "bold"), (self._cancel_hint, "dim"))
            self.query_one("#below", Static).update(lines)

    def action_cancel(self) -> None:
        """End without a text."""
        self.dismiss(None)

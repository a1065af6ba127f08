"""The live view of a call in the terminal."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import ClassVar

from hotline_proto.v1 import agent_pb2 as pb
from rich.console import Group
from rich.text import Text
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.message import Message
from textual.widgets import Static

from hotline_collector.console import render, steering
from hotline_collector.console.client import AgentClient
from hotline_collector.console.dialogs import HelpScreen, PromptScreen, key_lines
from hotline_collector.console.errors import ConsoleError, Refused
from hotline_collector.console.follow import Follower, Lost
from hotline_collector.console.frame import Frame
from hotline_collector.console.layout import Row, lay_out, line_of
from hotline_collector.console.texts import Texts, texts_for
from hotline_collector.model.safe import harmless
from hotline_collector.model.units import Lang

_REDRAW_EVERY = 1.0


class Followed(Message):
    """The call has a new state, or the connection to the collector is lost."""

    def __init__(self, item: pb.CallView | Lost) -> None:
        super().__init__()
        self.item = item


class FollowEnded(Message):
    """There is nothing more to follow: the call is closed, or the collector shows it no more."""

    def __init__(self, fault: ConsoleError | None) -> None:
        super().__init__()
        self.fault = fault


class Told(Message):
    """A command has been carried out, or why not."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text


class WatchApp(App[None]):
    """Shows one call live and steers it by keys.

    `fault` says afterwards why the view had to end by itself.
    """

    CSS = """
    #top { height: auto; max-height: 40%; padding: 0 1; border-bottom: solid $accent; }
    #body { height: 1fr; padding: 0 1; scrollbar-gutter: stable; }
    #facts { height: 40%; padding: 0 1; border-top: solid $accent; scrollbar-gutter: stable; display: none; }
    #facts.shown { display: block; }
    #status { height: auto; max-height: 3; padding: 0 1; }
    #keys { height: auto; padding: 0 1; }
    """
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("question_mark", "help", show=False),
        Binding("q", "quit", show=False),
        Binding("j,down", "select(1)", show=False, priority=False),
        Binding("k,up", "select(-1)", show=False, priority=False),
        Binding("p", "propose", show=False),
        Binding("o", "owner_agrees", show=False),
        Binding("d", "done", show=False),
        Binding("u", "undo", show=False),
        Binding("a", "answer", show=False),
        Binding("c", "check", show=False),
        Binding("n", "note", show=False),
        Binding("w", "words", show=False),
        Binding("e", "personal", show=False),
        Binding("f", "facts", show=False),
        Binding("l", "language", show=False),
    ]

    def __init__(self, client: AgentClient, call_id: str, lang: Lang, *, show_facts: bool = False) -> None:
        super().__init__()
        self.fault: ConsoleError | None = None
        self.texts: Texts = texts_for(lang)
        self._client = client
        self._call_id = call_id
        self._follower = Follower(client, call_id, include_facts=show_facts)
        self._show_facts = show_facts
        self._call: pb.CallView | None = None
        self._received = 0.0
        self._selected = ""
        self._lost = ""
        self._status = ""

    # ---- the picture --------------------------------------------------------------------------
    def compose(self) -> ComposeResult:
        """Lay out header, body, facts, status and keys from top to bottom."""
        yield Static(id="top", markup=False)
        with VerticalScroll(id="body"):
            yield Static(id="page", markup=False)
        with VerticalScroll(id="facts"):
            yield Static(id="fact-page", markup=False)
        yield Static(id="status", markup=False)
        yield Static(id="keys", markup=False)

    def on_mount(self) -> None:
        """Begin to follow the call."""
        self.query_one("#body").focus()
        self.query_one("#facts").set_class(self._show_facts, "shown")
        self.run_worker(self._follow, thread=True, name="follow")
        self.set_interval(_REDRAW_EVERY, self._draw)
        self._draw()

    def on_unmount(self) -> None:
        """Let the following thread end."""
        self._follower.stop()

    def on_resize(self) -> None:
        """Lay the rows out on the new width."""
        self.call_after_refresh(self._draw)

    def on_followed(self, message: Followed) -> None:
        """Show the new state, or that the connection is lost."""
        item = message.item
        if isinstance(item, Lost):
            self._lost = item.reason
        else:
            if self._lost:
                self._status = self.texts.reconnected
            self._lost = ""
            self._call, self._received = item, time.monotonic()
            ids = self._cause_ids()
            if self._selected not in ids:
                self._selected = ids[0] if ids else ""
        self._draw()

    def on_follow_ended(self, message: FollowEnded) -> None:
        """Keep the last picture of a closed call; leave if the collector shows it no more."""
        self.fault = message.fault
        if message.fault is not None:
            self.exit()
            return
        self._say(self.texts.ended)

    def on_told(self, message: Told) -> None:
        """Show what came of a command."""
        self._say(message.text)

    def _draw(self) -> None:
        if not self.screen_stack:
            return
        root = self.screen_stack[0]
        t = self.texts
        keys = "  ".join(f"{key.split()[0]} {what}" for key, what in key_lines(t))
        root.query_one("#keys", Static).update(Text(keys, "dim"))
        status = t.reconnecting.format(reason=self._lost) if self._lost else self._status
        root.query_one("#status", Static).update(Text(status, "bold yellow" if self._lost else "bold"))
        if self._call is None:
            return
        frame = Frame(self._call, self._now(), t, self._selected)
        self._fill("#top", render.header(frame))
        self._fill("#page", render.body(frame))
        if self._show_facts:
            self._fill("#fact-page", render.facts(frame))

    def _fill(self, where: str, rows: Sequence[Row]) -> None:
        widget = self.screen_stack[0].query_one(where, Static)
        widget.update(Group(*lay_out(rows, widget.content_region.width or self.size.width - 4)))

    def _now(self) -> int:
        """Return the collector's time: ages go on between two states, except when the call is closed."""
        if self._call is None or self._call.state == "closed":
            return self._call.now_us if self._call else 0
        return self._call.now_us + round((time.monotonic() - self._received) * 1e6)

    def _say(self, text: str) -> None:
        self._status = text
        self._draw()

    # ---- following ----------------------------------------------------------------------------
    def _follow(self) -> None:
        fault: ConsoleError | None = None
        try:
            for item in self._follower:
                self.post_message(Followed(item))
        except ConsoleError as error:
            fault = error
        self.post_message(FollowEnded(fault))

    def _order(self, what: str, command: Callable[[], object]) -> None:
        """Carry out a command in a thread of its own and say what came of it."""

        def run() -> None:
            try:
                command()
            except ConsoleError as error:
                self.post_message(Told(str(error)))
            else:
                self.post_message(Told(what))

        self.run_worker(run, thread=True, name="order")

    # ---- keys ---------------------------------------------------------------------------------
    def action_help(self) -> None:
        """Show the keys."""
        self.push_screen(HelpScreen(self.texts))

    def action_select(self, step: int) -> None:
        """Go to the next or previous cause and bring it into sight."""
        self._selected = steering.neighbour(self._cause_ids(), self._selected, step)
        if not self._selected or self._call is None:
            self._say(self.texts.nothing_selected)
            return
        self._draw()
        rows = render.body(Frame(self._call, self._now(), self.texts, self._selected))
        width = self.query_one("#page").content_region.width
        self.query_one("#body").scroll_to(y=max(line_of(rows, width, self._selected) - 1, 0), animate=False)

    def action_propose(self) -> None:
        """Propose the first fix of the selected cause."""
        cause = next((each for each in self._causes() if each.finding_id == self._selected), None)
        if cause is None:
            self._say(self.texts.nothing_selected)
        elif not cause.fixes:
            self._say(self.texts.no_fix)
        else:
            option = cause.fixes[0]
            title = harmless(self.texts.text(option.title) or option.action, 120)
            self._order(
                self.texts.proposed.format(title=title),
                lambda: self._client.propose_fix(self._call_id, cause.finding_id, option.index),
            )

    def action_owner_agrees(self) -> None:
        """Propose the action of the selected cause with the word of the device's owner."""
        found = steering.owners_action(self._call, self._selected) if self._call is not None else None
        if found is None:
            self._say(self.texts.no_owner)
            return
        option, finding_id = found[0], self._selected
        title = harmless(self.texts.text(option.title) or option.action, 120)

        def agreed(word: str | None) -> None:
            if word is not None:
                self._order(
                    self.texts.proposed.format(title=title),
                    lambda: self._client.propose_fix(
                        self._call_id, finding_id, option.index, owner_agreed=True
                    ),
                )

        question = self.texts.ask_owner.format(title=title, device=harmless(found[1], 120))
        screen = PromptScreen(question, self.texts.yes_hint, steering.typed_yes, self.texts.cancel_hint)
        self.push_screen(screen, agreed)

    def action_done(self) -> None:
        """Say that the steps of the newest proposed fix are done."""
        self._update_fix(steering.step_fix, "done", self.texts.no_step, self.texts.key_done)

    def action_undo(self) -> None:
        """Take the newest fix back."""
        self._update_fix(steering.undo_fix, "undo", self.texts.no_undo, self.texts.key_undo)

    def action_answer(self) -> None:
        """Ask for the answer to the most important open question."""
        question = steering.open_question(self._call) if self._call is not None else None
        if question is None:
            self._say(self.texts.no_question)
            return
        name = question.question
        choices = " | ".join([*render.choices(question, self.texts), f"? = {self.texts.dont_know}"])
        how = harmless(self.texts.text(question.how), 600)
        hint = f"{self.texts.how.format(text=how)}\n{choices}" if how else choices
        self._ask(
            harmless(self.texts.text(question.text) or name),
            lambda value: self._client.answer(self._call_id, name, value),
            hint=hint,
            accept=lambda typed: steering.typed_answer(question, typed),
            refused=self.texts.no_such_answer,
        )

    def action_check(self) -> None:
        """Ask what to check."""
        self._ask(self.texts.ask_check, lambda text: self._client.add_check(self._call_id, text))

    def action_note(self) -> None:
        """Ask for a note."""
        self._ask(self.texts.ask_note, lambda text: self._client.add_note(self._call_id, text))

    def action_words(self) -> None:
        """Ask for the two words that the caller reads out."""
        self._ask(self.texts.ask_words, self._confirm)

    def action_personal(self) -> None:
        """Have the caller asked for personal facts."""
        self._order(self.texts.did_ask, lambda: self._client.ask_personal(self._call_id))

    def action_facts(self) -> None:
        """Show or hide the facts; they are only sent while they are shown."""
        self._show_facts = not self._show_facts
        self.query_one("#facts").set_class(self._show_facts, "shown")
        self._follower.include_facts(self._show_facts)
        self.call_after_refresh(self._draw)

    def action_language(self) -> None:
        """Change between English and German."""
        self.texts = texts_for("de" if self.texts.lang == "en" else "en")
        self._status = ""
        self._draw()

    # ---- inside -------------------------------------------------------------------------------
    def _causes(self) -> list[pb.FindingView]:
        return [*self._call.causes, *self._call.also_noticed] if self._call is not None else []

    def _cause_ids(self) -> list[str]:
        return [cause.finding_id for cause in self._causes()]

    def _confirm(self, words: str) -> None:
        if not self._client.confirm_words(self._call_id, words):
            raise Refused(self.texts.no_match)

    def _update_fix(
        self, choose: Callable[[pb.CallView], pb.FixView | None], event: str, none: str, what: str
    ) -> None:
        fix = choose(self._call) if self._call is not None else None
        if fix is None:
            self._say(none)
            return
        fix_id = fix.fix_id
        said = self.texts.sent.format(what=f"{what}: {harmless(self.texts.text(fix.title), 120)}")
        self._order(said, lambda: self._client.update_fix(self._call_id, fix_id, event))

    def _ask(
        self,
        title: str,
        command: Callable[[str], object],
        *,
        hint: str = "",
        accept: Callable[[str], str | None] = lambda typed: typed.strip() or None,
        refused: str = "",
    ) -> None:
        def answered(text: str | None) -> None:
            if text is not None:
                said = self.texts.sent.format(what=harmless(text, 80) or self.texts.dont_know)
                self._order(said, lambda: command(text))

        prompt = PromptScreen(title, hint, accept, self.texts.cancel_hint, refused)
        self.push_screen(prompt, answered)

"""The caller's window on a real display: keys are pressed, and widgets tell what they show."""

from __future__ import annotations

import asyncio
import gc
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any

import grpc
import pytest
from hotline_probe.face import Question, Topic
from hotline_probe.options import read_options
from hotline_probe.texts import LANGUAGES
from hotline_proto.catalogue import load_catalogue
from hotline_proto.v1 import probe_pb2 as pb

from tests.probe.xserver import PATIENCE, press, start_x_server, type_text

EN, DE = LANGUAGES["en"], LANGUAGES["de"]
CATALOGUE = load_catalogue()
CACHE = "dns.flush_cache"
LIGHT = pb.Question(
    id="ask.light",
    text_en="What does the light DSL do?",
    text_de="Was macht das Licht DSL?",
    how_en="It is the second from the left.",
    how_de="Es ist das zweite von links.",
    values=["on", "blinks"],
    labels_en=["It is lit", "It blinks"],
    labels_de=["Es leuchtet", "Es blinkt"],
)


@pytest.fixture(scope="session")
def x_server() -> Iterator[str]:
    yield from start_x_server()


@pytest.fixture
def display(x_server: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("DISPLAY", x_server)
    return x_server


class Caller:
    """A person before the window: presses keys and reads."""

    def __init__(self, window: Any, display: str) -> None:
        self.window = window
        self.view = window.view
        self.display = display
        self.open = True

    def pump(self) -> None:
        """Let Tk work, as its main loop would."""
        import tkinter as tk

        if self.open:
            try:
                self.view.root.update()
                self.view.root.winfo_exists()
            except tk.TclError:
                self.open = False

    async def until(self, seen: Callable[[], object]) -> None:
        async with asyncio.timeout(PATIENCE):
            while True:
                self.pump()
                if not self.open or seen():
                    return
                await asyncio.sleep(0.01)

    async def sees(self, seen: Callable[[], object]) -> None:
        await self.until(seen)
        assert self.open and seen()

    async def take_focus(self) -> None:
        """Give the window the keys, as a window manager would."""
        root = self.view.root
        await self.sees(self.view.first.entry.winfo_viewable)
        root.focus_lastfor().focus_force()
        await self.sees(lambda: root.focus_get() is not None)

    async def press(self, *keys: str) -> None:
        await self._elsewhere(press, self.display, *keys)

    async def type(self, text: str) -> None:
        await self._elsewhere(type_text, self.display, text)

    async def ended(self) -> int:
        await self.until(lambda: False)
        await asyncio.to_thread(self.window.thread.join, PATIENCE)
        return int(self.window.code)

    @property
    def focus(self) -> Any:
        return self.view.root.focus_get()

    @property
    def news(self) -> str:
        return str(self.view.call.news.get("1.0", "end"))

    @property
    def panel(self) -> Any:
        return self.view.call.panel

    def asked(self, sentence: str) -> Callable[[], bool]:
        return lambda: self.panel.winfo_viewable() and self.panel.question.cget("text") == sentence

    async def tab_to(self, widget: Any) -> None:
        for _ in range(20):
            await self.press("Tab")
            self.pump()
            if self.focus is widget:
                return
        pytest.fail(f"{widget} cannot be reached by Tab")

    async def _elsewhere(self, work: Callable[..., None], *words: str) -> None:
        task = asyncio.create_task(asyncio.to_thread(work, *words))
        await self.until(task.done)
        await task
        for _ in range(5):
            self.pump()


@asynccontextmanager
async def a_window(display: str, *arguments: str, language: str = "en") -> AsyncIterator[Caller]:
    from hotline_probe.window.start import Window

    options = read_options([*arguments, "--window", "--lang", language])
    caller = Caller(Window(options), display)
    try:
        await caller.take_focus()
        yield caller
    finally:
        if caller.open:
            caller.view.close()
        await caller.ended()
        options.transcript.close()
        del caller.view, caller.window
        gc.collect()


async def allow(caller: Caller) -> None:
    await caller.sees(caller.asked(EN.ask_basic))
    await caller.press("alt+a")


async def test_the_first_page_warns_and_tells_a_typing_error_at_once(display: str, double: Any) -> None:
    async with a_window(display) as caller:
        first = caller.view.first
        await caller.sees(first.entry.winfo_viewable)
        assert first.warning.cget("text") == EN.did_you_call
        assert first.privacy.cget("text") == EN.cannot_see
        assert caller.focus is first.entry
        await caller.type("0000000")
        assert first.entry.get() == "000 000 0"
        assert first.hint.cget("text") == EN.code_progress.format(count=7, length=12)
        await caller.press("Return")
        assert first.hint.cget("text") == EN.code_length
        await caller.type(f"00018@localhost:{double.port}")
        assert first.hint.cget("text") == EN.code_mistyped
        await caller.press("alt+u")
        assert first.hint.cget("text") == DE.code_mistyped
        assert first.warning.cget("text") == DE.did_you_call
        await caller.press("alt+b")
        assert await caller.ended() == 130
    assert not double.joins


async def test_a_whole_call_by_the_keyboard(display: str, double: Any) -> None:
    async with a_window(display, double.link()) as caller:
        await caller.sees(lambda: caller.focus is caller.view.first.entry)
        await caller.press("Return")
        await caller.sees(caller.asked(EN.ask_basic))
        assert caller.focus is caller.panel
        assert not double.hellos
        words = caller.view.call.words.cget("text")
        assert len(words.split()) == 2
        await caller.tab_to(caller.panel.buttons[0])
        await caller.press("Return")
        await caller.sees(lambda: bool(double.bodies("readings")))
        await caller.sees(lambda: caller.view.call.measured.cget("text").startswith("measured: "))
        assert caller.view.link.cget("text") == EN.link_connected
        assert double.hellos[0].consent.granted[0] == pb.CONSENT_LAYER_BASIC
        double.say(call=pb.CallState(agent_name="Bea", words_confirmed=True))
        double.say(advice=pb.Advice(lines=[pb.AdviceLine(text_en="The line is dead", text_de="Leitung tot")]))
        await caller.sees(lambda: EN.words_confirmed in caller.news and "The line is dead" in caller.news)
        double.say(consent=pb.ConsentRequest(layer=pb.CONSENT_LAYER_PERSONAL, reason=pb.CONSENT_REASON_CAUSE))
        await caller.sees(caller.asked(EN.ask_personal))
        await caller.press("alt+a")
        await caller.sees(lambda: len(double.bodies("consent")) == 1)
        await caller.sees(caller.view.revoke.winfo_viewable)
        await caller.press("alt+p")
        await caller.sees(lambda: EN.personal_revoked in caller.news)
        await caller.sees(lambda: list(double.bodies("consent")[-1].granted) == [pb.CONSENT_LAYER_BASIC])
        await caller.sees(lambda: not caller.view.revoke.winfo_viewable())
        await caller.press("alt+u")
        assert DE.words_confirmed in caller.news and "Leitung tot" in caller.news
        assert caller.view.link.cget("text") == DE.link_connected
        await caller.press("alt+b")
        await caller.sees(lambda: DE.ended_caller in caller.news)
        assert double.byes == ["caller_ended"]
        assert caller.view.link.cget("text") == ""
        await caller.press("alt+c")
        assert await caller.ended() == 0


@pytest.mark.parametrize(
    ("key", "verdict"), [("alt+d", "DECLINED"), ("Escape", "DECLINED"), ("alt+a", "ACCEPTED")]
)
async def test_an_action_shows_what_it_does_and_waits(
    display: str, double: Any, key: str, verdict: str, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))  # an accepted action finds no program and fails
    async with a_window(display, double.link(), "--consent", "basic") as caller:
        await begun(caller, double)
        double.say(action=pb.ActionProposal(proposal_id="p", action=CACHE))
        await caller.sees(caller.asked(EN.action_ask))
        spec = CATALOGUE.actions[CACHE]
        shown = " ".join(label.cget("text") for label in caller.panel.about)
        assert spec.title["en"] in shown and spec.effect["en"] in shown and EN.action_final in shown
        assert EN.action_no_risk in shown
        assert not double.bodies("action")
        await caller.press("Return")
        await caller.press("alt+p")
        assert caller.panel.asked is not None
        await caller.press(key)
        await caller.sees(lambda: bool(double.bodies("action")))
        assert double.bodies("action")[0].state == pb.ActionState.Value(f"ACTION_STATE_{verdict}")
        await caller.sees(lambda: not caller.panel.winfo_viewable())


async def test_a_question_is_answered_by_its_buttons_or_a_field(display: str, double: Any) -> None:
    async with a_window(display, double.link(), "--consent", "basic") as caller:
        await begun(caller, double)
        double.say(question=pb.Question(id="ask.x", text_en="Is it on?", values=["true", "false"]))
        await caller.sees(lambda: len(caller.panel.buttons) == 3)
        assert [button.cget("text") for button in caller.panel.buttons] == ["Yes", "No", "I don't know"]
        await caller.press("alt+y")
        await caller.sees(lambda: len(double.bodies("answer")) == 1)
        double.say(question=pb.Question(id="ask.y", text_en="Which lamp?"))
        await caller.sees(lambda: caller.panel.entry is not None and caller.focus is caller.panel.entry)
        await caller.type("the red one")
        await caller.press("Return")
        await caller.sees(lambda: len(double.bodies("answer")) == 2)
    assert [(a.question, a.value) for a in double.bodies("answer")] == [
        ("ask.x", "true"),
        ("ask.y", "the red one"),
    ]


async def test_a_question_says_how_to_find_out_and_leaves_when_it_is_settled(
    display: str, double: Any
) -> None:
    async with a_window(display, double.link(), "--consent", "basic") as caller:
        await begun(caller, double)
        await caller.press("alt+u")
        double.say(question=LIGHT)
        await caller.sees(lambda: len(caller.panel.buttons) == 3)
        assert [label.cget("text") for label in caller.panel.about] == [
            "Frage vom Telefon: Was macht das Licht DSL?",
            "So finden Sie es heraus: Es ist das zweite von links.",
        ]
        texts = [button.cget("text") for button in caller.panel.buttons]
        assert texts == ["1  Es leuchtet", "2  Es blinkt", "Weiß nicht"]
        await caller.press("Escape")
        double.say(question_gone=pb.QuestionGone(id="ask.other"))
        double.say(action=pb.ActionProposal(proposal_id="p", action=CACHE))
        await caller.sees(caller.asked(DE.action_ask))
        await caller.press("Escape")
        await caller.sees(lambda: len(caller.panel.buttons) == 3 and bool(caller.panel.about))
        await caller.press("alt+2")
        await caller.sees(lambda: len(double.bodies("answer")) == 1)
        await caller.sees(lambda: not caller.panel.winfo_viewable())
        double.say(question=LIGHT)
        await caller.sees(caller.panel.winfo_viewable)
        double.say(question_gone=pb.QuestionGone(id="ask.light"))
        await caller.sees(lambda: not caller.panel.winfo_viewable())
    assert [(a.question, a.value) for a in double.bodies("answer")] == [("ask.light", "blinks")]


async def test_a_question_in_place_of_another_takes_no_yes_at_once(
    display: str, double: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hotline_probe.window.panel.HASTE_S", 3600.0)
    async with a_window(display, double.link(), "--consent", "basic") as caller:
        await begun(caller, double)
        double.say(question=pb.Question(id="ask.y", text_en="Which lamp?"))
        await caller.sees(lambda: caller.panel.entry is not None)
        double.say(check=pb.CheckRequest(check="192.168.1.1:80"))
        await caller.sees(caller.asked(EN.check_ask))
        await caller.press("alt+a")
        assert not double.bodies("check")
        monkeypatch.setattr("hotline_probe.window.panel.HASTE_S", 0.0)
        await caller.press("alt+a")
        await caller.sees(lambda: bool(double.bodies("check")))
        assert double.bodies("check")[0].allowed


async def test_a_secret_that_is_taken_away_goes_into_no_other_field(display: str, double: Any) -> None:
    async with a_window(display, double.link(), "--consent", "basic") as caller:
        await begun(caller, double)
        double.say(question=pb.Question(id="ask.y", text_en="Which lamp?"))
        await caller.sees(lambda: caller.panel.entry is not None and caller.focus is caller.panel.entry)
        secret = Question(Topic.PASSWORD, lambda _: "Password")
        face = caller.window.face
        asking = asyncio.run_coroutine_threadsafe(face.ask_secret(secret, PATIENCE), face._loop)
        await caller.sees(caller.asked("Password"))
        await caller.sees(lambda: caller.focus is caller.panel.entry)
        await caller.type("correct")
        asking.cancel()
        await caller.sees(lambda: caller.panel.asked and caller.panel.asked.question.topic is Topic.QUESTION)
        await caller.type("horse")
        await caller.press("Return")
        assert caller.panel.entry.get() == ""
        assert not double.bodies("answer")


async def test_a_closed_window_leaves_the_call(display: str, double: Any) -> None:
    async with a_window(display, double.link(), "--consent", "basic") as caller:
        await begun(caller, double)
        caller.view.root.tk.eval(caller.view.root.protocol("WM_DELETE_WINDOW"))
        assert await caller.ended() == 0
    assert double.byes == ["caller_ended"]
    assert double.order[-1] == "bye"


async def test_a_window_closed_at_a_question_is_a_no(display: str, double: Any) -> None:
    async with a_window(display, double.link()) as caller:
        await caller.sees(lambda: caller.focus is caller.view.first.entry)
        await caller.press("Return")
        await caller.sees(caller.asked(EN.ask_basic))
        caller.view.close()
        assert await caller.ended() == 130
    assert not double.hellos


async def test_a_lost_connection_is_said_in_plain_words(display: str, double: Any) -> None:
    double.refuse_stream = [grpc.StatusCode.UNAVAILABLE] * 1000
    async with a_window(display, double.link(), "--consent", "basic") as caller:
        await caller.sees(lambda: caller.focus is caller.view.first.entry)
        await caller.press("Return")
        await caller.sees(lambda: caller.view.link.cget("text").startswith("connection lost, trying again"))
        assert "nothing is lost" in caller.view.link.cget("text")


async def test_at_200_percent_everything_can_be_reached(display: str, double: Any) -> None:
    async with a_window(display, double.link()) as caller:
        root = caller.view.root
        root.geometry("640x480")
        before = caller.view.end.winfo_height()
        await caller.sees(lambda: caller.focus is caller.view.first.entry)
        await caller.press("Return")
        await caller.sees(caller.asked(EN.ask_basic))
        await caller.press("ctrl+plus", "ctrl+plus", "ctrl+plus", "ctrl+plus")
        assert caller.view.fonts.zoom == 2.0
        await caller.sees(lambda: caller.view.end.winfo_height() > before * 1.3)
        for widget in (caller.view.end, caller.view.language):
            assert inside(widget, root)
        for button in caller.panel.buttons:
            await caller.tab_to(button)
            await caller.sees(lambda button=button: inside(button, caller.view.body))
            assert inside(button, caller.view.body)
        await caller.press("ctrl+0")
        assert caller.view.fonts.zoom == 1.0


def test_text_and_ground_have_enough_contrast(display: str) -> None:
    from hotline_probe.window.style import PALETTE

    p = PALETTE

    pairs = [
        *((ink, ground) for ink in (p.ink, p.quiet, p.alarm) for ground in (p.ground, p.sheet)),
        *((p.on_accent, ground) for ground in (p.accent, p.accent_dark, p.alarm, p.alarm_dark)),
        *((p.ink, ground) for ground in (p.accent_pale, p.button, p.button_dark)),
        (p.alarm, p.alarm_pale),
        (p.accent_dark, p.accent_pale),
    ]
    assert {pair: ratio for pair in pairs if (ratio := contrast(*pair)) < 4.5} == {}
    # Edges of controls, and where the focus is (WCAG 2.2, 1.4.11).
    assert min(contrast(p.line, p.ground), contrast(p.focus, p.ground), contrast(p.accent, p.sheet)) >= 3


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of WCAG 2.2."""

    def luminance(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
        return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def inside(widget: Any, place: Any) -> bool:
    if not widget.winfo_viewable():
        return False
    top, left = widget.winfo_rooty() - place.winfo_rooty(), widget.winfo_rootx() - place.winfo_rootx()
    return (
        top >= 0
        and left >= 0
        and top + widget.winfo_height() <= place.winfo_height() + 1
        and left + widget.winfo_width() <= place.winfo_width() + 1
    )


async def begun(caller: Caller, double: Any) -> None:
    """Get into a call whose words are confirmed."""
    await caller.sees(lambda: caller.focus is caller.view.first.entry)
    await caller.press("Return")
    await caller.sees(lambda: bool(double.hellos))
    double.say(call=pb.CallState(words_confirmed=True))
    await caller.sees(lambda: EN.words_confirmed in caller.news)


# The command.


async def run_probe(*arguments: str, **environ: str) -> Any:
    kept = {k: v for k, v in os.environ.items() if k != "DISPLAY" and "proxy" not in k.lower()}
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "hotline_probe", "--lang", "en", *arguments),
        stdin=DEVNULL, stdout=PIPE, stderr=PIPE, env={**kept, **environ}, start_new_session=True,
    )  # fmt: skip


async def test_without_a_display_it_says_so_and_goes_on_in_the_terminal(double: Any) -> None:
    process = await run_probe("--window", double.link())
    out, err = await asyncio.wait_for(process.communicate(), PATIENCE)
    assert process.returncode == 4
    assert err.decode().startswith("No window can be opened here (") and err.count(b"\n") == 1
    assert out.decode().splitlines() == [EN.did_you_call, EN.cannot_see, EN.consent_not_interactive]


async def test_without_tk_it_says_so_and_goes_on_in_the_terminal(double: Any, tmp_path: Any) -> None:
    (tmp_path / "tkinter.py").write_text("raise ImportError('no Tk')\n")
    process = await run_probe("--window", double.link(), PYTHONPATH=str(tmp_path))
    out, err = await asyncio.wait_for(process.communicate(), PATIENCE)
    assert (process.returncode, err.decode()) == (4, EN.no_tk + "\n")
    assert EN.did_you_call in out.decode()


@pytest.mark.parametrize("signalled", [True, False])
async def test_without_a_terminal_a_window_comes_by_itself(display: str, signalled: bool) -> None:
    process = await run_probe(DISPLAY=display)
    try:
        search = ("xdotool", "search", "--sync", "--onlyvisible", "--name", EN.window_title)
        found = await asyncio.create_subprocess_exec(*search, "windowfocus", "--sync", stdout=DEVNULL)
        assert await asyncio.wait_for(found.wait(), PATIENCE) == 0
        if signalled:
            process.terminate()
        else:
            await asyncio.to_thread(press, display, "alt+e")
        _out, err = await asyncio.wait_for(process.communicate(), PATIENCE)
        assert (process.returncode, err) == (130, b"")
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def test_the_terminal_can_be_insisted_on(display: str, double: Any) -> None:
    process = await run_probe("--terminal", double.link(), DISPLAY=display)
    out, _err = await asyncio.wait_for(process.communicate(), PATIENCE)
    assert process.returncode == 4
    assert EN.consent_not_interactive in out.decode()


async def test_a_preview_is_printed_all_the_same(display: str) -> None:
    process = await run_probe("--window", "--preview", DISPLAY=display)
    out, err = await asyncio.wait_for(process.communicate(), 3 * PATIENCE)
    assert (process.returncode, err) == (0, b"")
    assert EN.preview_nothing_sent in out.decode()


def test_the_window_shows_the_picture_that_it_speaks_of(display: str) -> None:
    import tkinter as tk

    from hotline_probe.picture import modules
    from hotline_probe.window.callpage import CallPage
    from hotline_probe.window.orders import Told

    rows = modules("https://help.example.org/r/041277530034992151274403")
    root = tk.Tk()
    page = CallPage(root, lambda _number, _answer: None)
    try:
        page.tell(Told("local_picture", lambda t: t.local_picture, {"modules": rows}), EN)
        page.say(DE)
        [(_, name, _)] = page.news.dump("1.0", "end", image=True)
        picture = name.partition("#")[0]
        size = root.tk.getint(root.tk.call("image", "width", picture)) // len(rows)
        middle = size // 2

        def dark(x: int, y: int) -> bool:
            colour = root.tk.call(picture, "get", x * size + middle, y * size + middle)
            return sum(map(int, root.tk.splitlist(colour))) == 0

        places = range(len(rows))
        assert size >= 3
        assert ["".join("01"[dark(x, y)] for x in places) for y in places] == rows
    finally:
        root.destroy()
        del page
        gc.collect()

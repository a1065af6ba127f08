"""How the window looks: few colours with much contrast, and fonts that grow and shrink together."""

from __future__ import annotations

import tkinter as tk
from tkinter import ttk
from typing import NamedTuple


class Palette(NamedTuple):
    """Colours as #rrggbb; every pair of text and ground has a contrast of 4.5:1 or more (WCAG 2.2, 1.4.3)."""

    ground: str = "#f5f6f8"
    sheet: str = "#ffffff"
    ink: str = "#16191d"
    quiet: str = "#4b5460"
    accent: str = "#0a4f9e"
    accent_dark: str = "#073a75"
    accent_pale: str = "#e6effa"
    on_accent: str = "#ffffff"
    alarm: str = "#a3161a"
    alarm_dark: str = "#7d0e12"
    alarm_pale: str = "#fdebeb"
    line: str = "#767f8b"
    button: str = "#e3e6ea"
    button_dark: str = "#cfd4da"
    focus: str = "#16191d"


PALETTE = Palette()
BODY, STRONG, HEAD, BIG, DIGITS = (f"Hotline{name}" for name in ("Body", "Strong", "Head", "Big", "Digits"))
# Points at 100 %; on screens with more dots an inch Tk makes them larger by itself.
_SIZES = {BODY: 11, STRONG: 11, HEAD: 14, BIG: 22, DIGITS: 18}
_BOLD = (STRONG, HEAD, BIG)
ZOOMS = (0.75, 1.0, 1.25, 1.5, 1.75, 2.0, 2.5, 3.0)


class Fonts:
    """The window's fonts; they belong to Tk by name, so that no Python object has to outlive its thread."""

    def __init__(self, root: tk.Tk) -> None:
        self._call = root.tk.call
        self.zoom = 1.0
        family = str(self._call("font", "actual", "TkDefaultFont", "-family"))
        digits = str(self._call("font", "actual", "TkFixedFont", "-family"))
        for name, size in _SIZES.items():
            weight = "bold" if name in _BOLD else "normal"
            face = digits if name == DIGITS else family
            self._call("font", "create", name, "-family", face, "-size", size, "-weight", weight)

    def step(self, direction: int) -> None:
        """Make everything larger (1), smaller (-1) or as it was (0)."""
        place = ZOOMS.index(self.zoom) + direction if direction else ZOOMS.index(1.0)
        self.zoom = ZOOMS[min(max(place, 0), len(ZOOMS) - 1)]
        for name, size in _SIZES.items():
            self._call("font", "configure", name, "-size", round(size * self.zoom))


def dress(root: tk.Tk) -> None:
    """Give all widgets of the window their looks."""
    p, style = PALETTE, ttk.Style(root)
    # The one theme that is the same on every system and takes colours everywhere.
    style.theme_use("clam")
    root.configure(background=p.ground)
    style.configure(".", background=p.ground, foreground=p.ink, font=BODY)
    style.configure("Sheet.TFrame", background=p.sheet)
    style.configure("Words.TFrame", background=p.accent_pale)
    style.configure("Panel.TFrame", background=p.sheet, bordercolor=p.accent, relief="solid", borderwidth=3)
    style.map("Panel.TFrame", bordercolor=[("focus", p.focus)])
    for name, ground, ink, font in (
        ("Title", p.ground, p.ink, HEAD),
        ("Warning", p.alarm_pale, p.alarm, HEAD),
        ("Body", p.ground, p.ink, BODY),
        ("Quiet", p.ground, p.quiet, BODY),
        ("Error", p.ground, p.alarm, STRONG),
        ("Words", p.accent_pale, p.ink, BODY),
        ("Big", p.accent_pale, p.accent_dark, BIG),
        ("Panel", p.sheet, p.ink, BODY),
        ("Ask", p.sheet, p.ink, STRONG),
    ):
        style.configure(f"{name}.TLabel", background=ground, foreground=ink, font=font)
    _button(style, "TButton", p.button, p.button_dark, p.ink)
    _button(style, "Yes.TButton", p.accent, p.accent_dark, p.on_accent)
    _button(style, "End.TButton", p.alarm, p.alarm_dark, p.on_accent)
    style.configure("TEntry", fieldbackground=p.sheet, foreground=p.ink, bordercolor=p.line, padding=6)
    style.map("TEntry", bordercolor=[("focus", p.accent)], lightcolor=[("focus", p.accent)])
    # As buttons of dialogues do everywhere, not only with the space bar.
    for key in ("<Return>", "<KP_Enter>"):
        root.bind_class("TButton", key, _press)


def _press(event: tk.Event[tk.Misc]) -> None:
    if isinstance(event.widget, ttk.Button):
        event.widget.invoke()


def _button(style: ttk.Style, name: str, ground: str, dark: str, ink: str) -> None:
    style.configure(
        name,
        background=ground,
        foreground=ink,
        font=STRONG,
        padding=(12, 6),
        bordercolor=PALETTE.line,
        lightcolor=ground,
        darkcolor=ground,
        focuscolor=ink,
        focusthickness=2,
    )
    pressed = [("pressed", dark), ("active", dark)]
    ring = [("focus", PALETTE.focus)]
    style.map(
        name,
        background=pressed,
        foreground=[("disabled", PALETTE.quiet)],
        bordercolor=ring,
        lightcolor=[*ring, *pressed],
        darkcolor=[*ring, *pressed],
    )

"""Foreign text made harmless, as the terminal and the pages show it."""

from __future__ import annotations

from hotline_collector.model.safe import MAX_TEXT, harmless

__all__ = ["MAX_TEXT", "harmless"]

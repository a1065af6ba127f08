"""Which evidence decides, as the terminal and the pages show it."""

from __future__ import annotations

from hotline_collector.model.decisive import decisive

__all__ = ["decisive"]

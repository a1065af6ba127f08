"""Ids: time-ordered UUIDs."""

from __future__ import annotations

import secrets
import time
import uuid


def new_id() -> str:
    """Return a fresh UUID of version 7 (RFC 9562)."""
    millis = time.time_ns() // 1_000_000
    number = (millis & (1 << 48) - 1) << 80 | 0x7 << 76 | secrets.randbits(12) << 64
    return str(uuid.UUID(int=number | 0b10 << 62 | secrets.randbits(62)))

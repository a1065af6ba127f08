"""Callers wait in a queue."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

_TIMES = ("waited_from", "queued", "picked", "wait_us", "wait_paid_us", "back_asked", "back_called")


def upgrade() -> None:
    """Add how long calls wait, for whom, and where to call back; calls of before never waited."""
    for name in _TIMES:
        op.add_column("calls", sa.Column(name, sa.BigInteger(), nullable=False, server_default="0"))
    for name in ("for_agent", "back_number"):
        op.add_column("calls", sa.Column(name, sa.Text(), nullable=False, server_default=""))
    op.add_column("calls", sa.Column("wait_digest", sa.String(64), nullable=False, server_default=""))

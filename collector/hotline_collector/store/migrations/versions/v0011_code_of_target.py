"""A join code is for one target of a call: the caller's computer, or a device."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Say of every code what it is for; those there are let the computer in."""
    op.add_column("join_codes", sa.Column("target", sa.Integer(), nullable=False, server_default="1"))

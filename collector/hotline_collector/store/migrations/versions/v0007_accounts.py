"""Accounts keep their language and appearance and can be disabled; tokens have names; links work once."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Add the columns and the links."""
    for table, name, length in (
        ("users", "language", 8),
        ("users", "appearance", 8),
        ("agent_tokens", "name", 64),
        ("browser_sessions", "device", 64),
    ):
        op.add_column(table, sa.Column(name, sa.String(length=length), nullable=False, server_default=""))
    op.add_column("users", sa.Column("disabled", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "one_time_links",
        sa.Column("mac", sa.LargeBinary(), nullable=False),
        sa.Column("user", sa.String(length=64), nullable=False),
        sa.Column("expires", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("mac", name=op.f("pk_one_time_links")),
    )

"""Agents sign in with a browser."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add the sessions of browsers."""
    op.create_table(
        "browser_sessions",
        sa.Column("mac", sa.LargeBinary(), nullable=False),
        sa.Column("user", sa.String(length=64), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("seen", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user"], ["users.name"], name=op.f("fk_browser_sessions_user"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("mac", name=op.f("pk_browser_sessions")),
    )
    op.create_index(op.f("ix_browser_sessions_user"), "browser_sessions", ["user"])

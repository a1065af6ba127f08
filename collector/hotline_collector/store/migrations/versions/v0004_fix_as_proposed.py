"""Fixes keep the words with which they were proposed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the words; fixes of before have none and are shown as their rule says now."""
    op.add_column("fixes", sa.Column("said", sa.JSON(), nullable=False, server_default="{}"))

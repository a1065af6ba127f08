"""Findings record the pack that judged them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
_COLUMNS = (("pack_digest", sa.String(64)), ("pack_version", sa.Text()))


def upgrade() -> None:
    """Add digest and version; findings of before have the digest of their call's pack."""
    for name, kind in _COLUMNS:
        op.add_column("findings", sa.Column(name, kind, nullable=False, server_default=""))
    op.execute(
        "UPDATE findings SET pack_digest = (SELECT pack_digest FROM calls WHERE calls.id = findings.call_id)"
    )

"""What closed calls add to the figures of the call centre, and their numbers by day."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Add both tables, and an index that finds the verdicts of some days."""
    op.create_table(
        "call_figures",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("main", sa.Text(), nullable=False),
        sa.Column("handled", sa.BigInteger(), nullable=False),
        sa.Column("waited", sa.BigInteger(), nullable=False),
        sa.Column("waited_paid", sa.BigInteger(), nullable=False),
        sa.Column("to_cause", sa.BigInteger(), nullable=False),
        sa.Column("proven", sa.Integer(), nullable=False),
        sa.Column("refuted", sa.Integer(), nullable=False),
        sa.Column("unproven", sa.Integer(), nullable=False),
        sa.Column("resolution", sa.String(length=16), nullable=False),
        sa.Column("contact", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["id"], ["calls.id"], name=op.f("fk_call_figures_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_figures")),
    )
    op.create_index(op.f("ix_call_figures_contact"), "call_figures", ["contact"])
    op.create_table(
        "figure_days",
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("figure", sa.String(length=16), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("bucket", sa.Integer(), nullable=False),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", "figure", "name", "bucket", name=op.f("pk_figure_days")),
    )
    op.create_index(op.f("ix_verdict_days_day"), "verdict_days", ["day"])

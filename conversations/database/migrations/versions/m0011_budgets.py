"""What is used of budgets, and what turns have reserved."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "budget_uses",
        sa.Column("team", sa.String(length=32), nullable=False),
        sa.Column("scope", sa.String(length=16), nullable=False),
        sa.Column("subject", sa.String(length=32), nullable=False),
        sa.Column("period", sa.String(length=10), nullable=False),
        sa.Column("questions", sa.BigInteger(), nullable=False),
        sa.Column("tokens", sa.BigInteger(), nullable=False),
        sa.Column("money", sa.Float(), nullable=False),
        sa.Column("is_warned", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("team", "scope", "subject", "period"),
    )
    op.create_table(
        "reservations",
        sa.Column("turn", sa.String(length=128), nullable=False),
        sa.Column("uses", sa.JSON(), nullable=False),
        sa.Column("tokens", sa.BigInteger(), nullable=False),
        sa.Column("money", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("turn"),
    )
    op.create_index("questions_by_channel", "questions", ["team", "channel", "accepted_at"])

"""Numbers that are computed again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "checks",
        sa.Column("turn", sa.String(length=128), nullable=False),
        sa.Column("conversation", sa.String(length=128), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("receipt", sa.JSON(), nullable=False),
        sa.Column("files", sa.JSON(), nullable=False),
        sa.Column("findings", sa.JSON(), nullable=False),
        sa.Column("run_id", sa.String(length=128), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("turn"),
    )
    op.create_index(op.f("ix_checks_conversation"), "checks", ["conversation"])
    with op.batch_alter_table("conversation_files") as files:
        files.add_column(sa.Column("digest", sa.String(length=64), nullable=False, server_default=""))
        files.add_column(sa.Column("tables", sa.JSON(), nullable=False, server_default="[]"))

"""Chores, settings of channels, where a question was pressed, files that have changed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "chores",
        sa.Column("id", sa.String(length=200), nullable=False),
        sa.Column("arguments", sa.JSON(), nullable=False),
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("user", sa.String(length=32), nullable=False),
        sa.Column("ts", sa.String(length=32), nullable=False),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_chores_created_at", "chores", ["created_at"])
    op.create_index("chores_by_place", "chores", ["channel", "user", "ts"])
    op.create_table(
        "channel_settings",
        sa.Column("team", sa.String(length=32), nullable=False),
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("card", sa.String(length=16), nullable=False),
        sa.PrimaryKeyConstraint("team", "channel"),
    )
    with op.batch_alter_table("questions") as questions:
        questions.add_column(sa.Column("via", sa.String(length=16), nullable=False, server_default=""))
    with op.batch_alter_table("conversation_files") as files:
        files.add_column(sa.Column("stale", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("posts") as posts:
        posts.alter_column("turn", existing_type=sa.String(length=128), type_=sa.String(length=200))

"""What is forgotten; where charts and files are that lie at Azure until they are posted."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "deletions",
        sa.Column("thread", sa.String(length=128), nullable=False),
        sa.Column("conversation", sa.String(length=128), nullable=False),
        sa.Column("state", sa.JSON(), nullable=False),
        sa.Column("asked_at", sa.Float(), nullable=False),
        sa.Column("done", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("thread"),
    )
    with op.batch_alter_table("questions") as questions:
        questions.add_column(sa.Column("forgotten", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("made") as made:
        made.add_column(sa.Column("ref", sa.JSON(), nullable=False, server_default="{}"))
        made.add_column(sa.Column("is_elsewhere", sa.Boolean(), nullable=False, server_default=sa.false()))

"""What events have told of threads and files."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "heard",
        sa.Column("place", sa.String(length=128), nullable=False),
        sa.Column("ts", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("place"),
    )
    with op.batch_alter_table("conversations") as conversations:
        conversations.add_column(sa.Column("read_ts", sa.String(length=32), nullable=False, server_default=""))

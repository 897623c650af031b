"""In which process work is open, at how many deaths of processes it was, and since when it is set aside."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

TABLES = ("questions", "chores")


def upgrade() -> None:
    """Apply."""
    for name in TABLES:
        with op.batch_alter_table(name) as table:
            table.add_column(sa.Column("process", sa.String(length=32), nullable=False, server_default=""))
            table.add_column(sa.Column("deaths", sa.Integer(), nullable=False, server_default="0"))
            table.add_column(sa.Column("set_aside", sa.Float(), nullable=False, server_default="0"))

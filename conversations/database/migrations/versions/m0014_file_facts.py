"""What was found in a file, kept with it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Apply."""
    with op.batch_alter_table("conversation_files") as files:
        files.add_column(sa.Column("facts", sa.JSON(), nullable=False, server_default="{}"))

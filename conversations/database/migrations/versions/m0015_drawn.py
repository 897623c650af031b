"""What charts show."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """Apply."""
    with op.batch_alter_table("made") as made:
        made.add_column(sa.Column("drawn", sa.JSON(), nullable=False, server_default="{}"))

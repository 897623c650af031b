"""Alembic's environment: always online, on the URL that ``Database`` hands over."""

from __future__ import annotations

from alembic import context
from sqlalchemy import NullPool, create_engine, text

from conversations.database.models import Base

MIGRATION_LOCK = 7_401_337
"""Key of the PostgreSQL advisory lock: replicas that start together migrate one after the other."""

engine = create_engine(context.config.attributes["url"], poolclass=NullPool)  # the lock goes with the connection
with engine.connect() as connection:
    if connection.dialect.name == "postgresql":
        connection.execute(text("select pg_advisory_lock(:key)"), {"key": MIGRATION_LOCK})
    context.configure(connection=connection, target_metadata=Base.metadata, render_as_batch=True)
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
    if connection.dialect.name == "postgresql":
        connection.execute(text("select pg_advisory_unlock(:key)"), {"key": MIGRATION_LOCK})
engine.dispose()

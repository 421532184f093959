"""Run by Alembic; the connection, its transaction and its lock come from alcore.store.connect."""

from alembic import context

from alcore.store.schema import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()

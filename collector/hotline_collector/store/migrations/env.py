"""Runs migrations on the connection that `hotline_collector.store.migrate` opened."""

from __future__ import annotations

from alembic import context

from hotline_collector.store.schema import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()

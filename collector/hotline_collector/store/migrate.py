"""Brings the schema of a database up to date (Alembic)."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine
from sqlalchemy.exc import SQLAlchemyError

from hotline_collector.errors import SchemaTooNew, StoreError
from hotline_collector.store.sqlite import prepare_engine


def upgrade(path: Path) -> tuple[str | None, str]:
    """Bring a SQLite file to the newest schema and return the revision before and after.

    An empty or missing file gets the whole schema. The file is readable by its owner only.

    Raises:
        SchemaTooNew: a newer version wrote it.
        StoreError: it cannot be opened or changed.
    """
    engine = create_engine(f"sqlite:///{path}")
    prepare_engine(engine)
    try:
        path.touch(mode=0o600)
        return _upgrade(engine, path)
    except (SQLAlchemyError, OSError) as error:
        raise StoreError(f"the database {path} cannot be opened or upgraded: {error}") from error
    finally:
        engine.dispose()


def _upgrade(engine: Engine, path: Path) -> tuple[str | None, str]:
    config = Config()
    config.set_main_option("script_location", "hotline_collector.store:migrations")
    script = ScriptDirectory.from_config(config)
    head = script.get_current_head() or ""
    with engine.begin() as connection:
        before = MigrationContext.configure(connection).get_current_revision()
        if before is not None and before not in {item.revision for item in script.walk_revisions()}:
            raise SchemaTooNew(
                f"the database {path} was written by a newer version (schema {before}, this program knows "
                f"{head}); install that version or restore the copy made before the upgrade"
            )
        if before != head:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    return before, head

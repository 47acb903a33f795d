from __future__ import annotations

from pathlib import Path

import pytest
from flask_migrate import check, downgrade, upgrade

from btm.store.database import db

from ..support import databases


def test_the_migrations_make_the_tables_that_the_code_describes(database: databases.Database) -> None:
    with database.app.app_context():
        check()


@pytest.mark.parametrize("kind", databases.KINDS)
def test_an_empty_database_goes_up_and_down_and_up_again(kind: str, tmp_path: Path) -> None:
    with databases.migrated(kind, tmp_path) as made, made.app.app_context():
        upgrade()
        downgrade(revision="base")
        assert [
            table for table in db.inspect(db.engine).get_table_names() if table != "alembic_version"
        ] == []
        upgrade()
        check()

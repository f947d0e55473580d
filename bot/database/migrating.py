"""Brings the schema up to date at every start, one process at a time."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING

import psycopg
from psycopg.conninfo import make_conninfo

from advisor.errors import DatabaseUnusable, VmbackupError
from bot.database.address import place_of
from bot.database.pool import unreachable
from bot.database.side_by_side import may_start, note

if TYPE_CHECKING:
    from sqlalchemy import Connection

_log = logging.getLogger(__name__)

SCRIPTS = "bot:migrations"
VERSION_TABLE = "vmbackup_version"
OLDEST_SERVER = 14  #: the oldest version that still gets fixes (postgresql.org, 2026-11)
#: The advisory lock's number, "vmbackup" in bytes; held until the migration commits.
LOCK = int.from_bytes(b"vmbackup", "big")
_LONGEST_WAIT = "60s"


def migrate(keywords: Mapping[str, str]) -> None:
    """Apply the migrations that are missing, in one transaction.

    Blocks. Raises DatabaseUnreachable, or DatabaseUnusable with what the server said.
    """
    logging.getLogger("alembic").setLevel(logging.WARNING)  # Alembic logs a line on import
    from alembic.util import CommandError
    from sqlalchemy.exc import DBAPIError

    try:
        _migrate(keywords)
    except DBAPIError as error:
        raise _explanation(keywords, error.orig or error) from error
    except psycopg.Error as error:
        raise _explanation(keywords, error) from error
    except CommandError as error:
        raise DatabaseUnusable(
            f"The database {place_of(keywords)} was made by a newer vmbackup ({error}). Install "
            "that version, or use another database."
        ) from error


def _migrate(keywords: Mapping[str, str]) -> None:
    from sqlalchemy import NullPool, create_engine

    # psycopg makes the connections from the keywords; SQLAlchemy never gets a URL.
    engine = create_engine(
        "postgresql+psycopg://",
        creator=lambda: psycopg.connect(make_conninfo(**keywords)),
        poolclass=NullPool,
    )
    with engine.begin() as connection:
        _check_version(keywords, connection)
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{_LONGEST_WAIT}'")
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(%s)", (LOCK,))
        _upgrade(connection)


def _upgrade(connection: Connection) -> None:
    """Nothing is changed where the schema is a newer one that this version lives with."""
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config(attributes={"connection": connection, "version_table": VERSION_TABLE})
    config.set_main_option("script_location", SCRIPTS)
    config.set_main_option("path_separator", "os")
    known = [each.revision for each in ScriptDirectory.from_config(config).walk_revisions()]
    found = _version(connection)
    if found and found not in known and may_start(connection, VERSION_TABLE, known[0]):
        _log.warning(
            "The schema (%s) is of a newer vmbackup, which says that this one may run on it.", found
        )
        return
    command.upgrade(config, "head")
    note(connection, VERSION_TABLE)


def _version(connection: Connection) -> str:
    """Empty before the first migration."""
    if connection.exec_driver_sql("SELECT to_regclass(%s)", (VERSION_TABLE,)).scalar() is None:
        return ""
    query = f"SELECT version_num FROM {VERSION_TABLE}"  # noqa: S608 - a name of ours
    return str(connection.exec_driver_sql(query).scalar() or "")


def _check_version(keywords: Mapping[str, str], connection: Connection) -> None:
    shown = connection.exec_driver_sql("SHOW server_version_num").scalar_one()
    version = int(shown) // 10_000
    if version < OLDEST_SERVER:
        raise DatabaseUnusable(
            f"The database {place_of(keywords)} is PostgreSQL {version}. vmbackup needs "
            f"{OLDEST_SERVER} or newer."
        )


def _explanation(keywords: Mapping[str, str], error: BaseException) -> VmbackupError:
    """The error for people; a refused statement is not reported as an outage."""
    if isinstance(error, psycopg.errors.LockNotAvailable):
        return DatabaseUnusable(
            f"Another process has been changing the schema of {place_of(keywords)} for "
            f"{_LONGEST_WAIT}. Wait for it, or end it, and start again."
        )
    if isinstance(error, psycopg.OperationalError):
        return unreachable(place_of(keywords), error)
    why = " ".join(str(error).split()).rstrip(".")
    return DatabaseUnusable(
        f"The schema of the database {place_of(keywords)} could not be brought up to date: {why}. "
        "Its user must be allowed to create tables there."
    )

"""How a database stands to this version's schema, read without changing it."""

from __future__ import annotations

from enum import StrEnum
from functools import cache
from typing import LiteralString, NamedTuple

from psycopg import sql
from psycopg.errors import UndefinedTable

from bot.database.migrating import SCRIPTS, VERSION_TABLE
from bot.database.pool import READY_SECONDS, WAIT_SECONDS, Database
from bot.database.side_by_side import lives_with

_VERSION = sql.SQL("SELECT version_num FROM {}").format(sql.Identifier(VERSION_TABLE))
_COMMENT: LiteralString = "SELECT coalesce(obj_description(to_regclass(%s), 'pg_class'), '')"
_MAY_CREATE: LiteralString = "SELECT has_schema_privilege(current_schema(), 'CREATE')"
_NOW: LiteralString = (
    "SELECT extract(epoch FROM clock_timestamp())::double precision,"
    " current_setting('server_version')"
)


class SchemaState(StrEnum):
    """Whether this version of the bot can work on the database as it is."""

    CURRENT = "current"
    EMPTY = "empty"  #: the first start makes it
    BEHIND = "behind"  #: the next start brings it up to date
    NEWER = "newer"  #: of a later version of the bot


class Seen(NamedTuple):
    """What was read. `epoch_seconds` is the server's clock."""

    state: SchemaState
    version: str
    may_create: bool
    epoch_seconds: float
    server: str
    lives_with_it: bool = True  #: of a newer one: whether it says that this version may start


@cache
def every_version() -> tuple[str, ...]:
    """The versions of the schema that this version of the bot knows, the newest first."""
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", SCRIPTS)
    config.set_main_option("path_separator", "os")
    return tuple(each.revision for each in ScriptDirectory.from_config(config).walk_revisions())


async def schema_state(database: Database) -> Seen:
    """Raises DatabaseUnreachable, DatabaseUnusable."""
    version = await _version(database)
    async with database.connection() as connection:
        may_create = await (await connection.execute(_MAY_CREATE)).fetchone()
        now = await (await connection.execute(_NOW)).fetchone()
        comment = await (await connection.execute(_COMMENT, (VERSION_TABLE,))).fetchone()
    epoch, server = now or (0.0, "")
    state, may = _state(version), bool(may_create and may_create[0])
    lives = state is not SchemaState.NEWER or lives_with(
        str(comment[0] if comment else ""), every_version()[0]
    )
    return Seen(state, version, may, epoch, server, lives)


async def migrations_missing(database: Database) -> str:
    """Why the bot cannot work on this schema; empty where it can. Raises as `schema_state`.

    A newer schema is fine for a bot that runs: a new version beside it has just begun, and the
    migrations of one release keep the statements of the release before.
    """
    version = await _version(database, READY_SECONDS)
    if _state(version) in (SchemaState.CURRENT, SchemaState.NEWER):
        return ""
    return f"the schema is of {version or 'no version'}, and this bot needs {every_version()[0]}"


async def _version(database: Database, wait_seconds: float = WAIT_SECONDS) -> str:
    try:
        async with database.connection(wait_seconds) as connection:
            row = await (await connection.execute(_VERSION)).fetchone()
    except UndefinedTable:
        return ""
    return str(row[0]) if row else ""


def _state(version: str) -> SchemaState:
    known = every_version()
    if not version:
        return SchemaState.EMPTY
    if version not in known:
        return SchemaState.NEWER
    return SchemaState.CURRENT if version == known[0] else SchemaState.BEHIND

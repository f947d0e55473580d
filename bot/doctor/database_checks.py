"""The database: does it answer, and does its schema fit this version."""

from __future__ import annotations

import time
from collections.abc import Sequence

from advisor.errors import DatabaseInUse, DatabaseUnreachable, VmbackupError
from bot.database.opening import CLUSTER, open_to_read
from bot.database.schema_state import SchemaState, Seen, schema_state
from bot.doctor.finding import CheckAnswer, no, unknown, yes
from bot.doctor.surroundings import Surroundings

_CHECK_IT = "Check that it runs, that this machine may reach it, and DATABASE_URL."
_MAKE_IT_WRITABLE = "Let the user of the bot create tables in its schema."


async def database(around: Surroundings) -> Sequence[CheckAnswer]:
    """Whether it answers."""
    if (first := _not_made_yet(around)) is not None:
        return first
    try:
        seen = await _seen(around)
    except DatabaseInUse as error:
        return unknown(str(error))
    except VmbackupError as error:
        return no(str(error), _CHECK_IT)
    around.clock_differences_seconds["the database"] = time.time() - seen.epoch_seconds
    return yes(f"PostgreSQL {seen.server} answers.")


async def migrations(around: Surroundings) -> Sequence[CheckAnswer]:
    """Whether the schema is of this version, or becomes so at the next start."""
    if _not_made_yet(around) is not None:
        return yes("The first start makes the schema.")
    try:
        seen = await _seen(around)
    except (DatabaseUnreachable, DatabaseInUse):
        return unknown("The database does not answer.")
    except VmbackupError as error:
        return no(str(error), _CHECK_IT)
    return _of(seen)


def _of(seen: Seen) -> Sequence[CheckAnswer]:
    if seen.state is SchemaState.CURRENT:
        return yes(f"The schema is of this version ({seen.version}).")
    if seen.state is SchemaState.NEWER and seen.lives_with_it:
        return yes(f"The schema ({seen.version}) is of a newer vmbackup; this one may run on it.")
    if seen.state is SchemaState.NEWER:
        to_do = "Install the version of vmbackup that made it, or use another database."
        return no(f"The schema ({seen.version}) is of a newer vmbackup.", to_do)
    if not seen.may_create:
        return no("The schema is to be changed, and the bot's user may not.", _MAKE_IT_WRITABLE)
    if seen.state is SchemaState.EMPTY:
        return yes("It is empty; the first start makes the schema.")
    return yes(f"The schema is of an earlier version ({seen.version}); the next start changes it.")


def _not_made_yet(around: Surroundings) -> Sequence[CheckAnswer] | None:
    """The finding where the bot's own database is not there before its first start."""
    directory = around.settings.data_directory / CLUSTER
    if around.settings.database_url is not None or directory.exists():
        return None
    if not (around.listens and around.works):
        to_do = "Set DATABASE_URL to one PostgreSQL server for listeners and workers."
        return no("DATABASE_URL is not set, and parts of the bot share a database.", to_do)
    return yes(f"There is none yet; the first start makes it in {directory}.")


async def _seen(around: Surroundings) -> Seen:
    async with open_to_read(around.settings) as database:
        return await schema_state(database)

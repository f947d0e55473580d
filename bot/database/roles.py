"""The bot's own role in the database: it may do its work, and in the audit only add and read."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from typing import Any, LiteralString

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from bot.database.address import place_of
from bot.database.migrating import LOCK
from bot.database.pool import unreachable

_log = logging.getLogger(__name__)

ROLE: LiteralString = "vmbackup_bot"
#: Roles belong to the whole server: bots of other databases may be changing this one, too.
_TRIES, _PAUSE_SECONDS = 5, 0.05

_EXISTS = "SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = %s)"
_MAY_LOOK = "SELECT has_schema_privilege(%s, current_schema(), 'USAGE')"
_CREATE: LiteralString = f"CREATE ROLE {ROLE} NOLOGIN"
_MEMBER: LiteralString = f"GRANT {ROLE} TO CURRENT_USER"
_ASSUME: LiteralString = f"SET LOCAL ROLE {ROLE}"
#: Our tables and sequences, with whether the role lacks what it should have of them, or could
#: do what it should not.
_OURS: LiteralString = """
    SELECT relname,
           CASE WHEN relkind = 'S' THEN 'USAGE, SELECT'
                WHEN relname = 'audit' THEN 'SELECT, INSERT'
                WHEN relname = 'audit_head' THEN 'SELECT, UPDATE'
                ELSE 'SELECT, INSERT, UPDATE, DELETE' END AS wanted,
           relkind = 'S' AS is_sequence
    FROM pg_class
    WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'S')
      AND pg_has_role(current_user, relowner, 'USAGE')
    ORDER BY relname
"""
_HELD: LiteralString = """
    SELECT coalesce(string_agg(privilege_type, ', '), '')
    FROM pg_class, aclexplode(relacl)
    WHERE pg_class.oid = %s::regclass AND grantee = %s::regrole
"""


def prepared_role(keywords: Mapping[str, str]) -> str | None:
    """The role for the bot's connections, made and granted what it needs where that is missing.

    None where this server does not let us, which is logged: the audit's triggers hold all the
    same. Blocks. Raises DatabaseUnreachable.
    """
    try:
        with psycopg.connect(make_conninfo(**keywords)) as connection:
            connection.execute("SELECT pg_advisory_xact_lock(%s)", (LOCK,))
            _prepare(connection)
    except psycopg.errors.InsufficientPrivilege as error:
        _log.warning(
            "The bot works as its database's owner, because it may not have a role of its own "
            "(%s). Let its user create roles, or make the role %s and grant it to that user.",
            " ".join(str(error).split()),
            ROLE,
        )
        return None
    except psycopg.OperationalError as error:
        raise unreachable(place_of(keywords), error) from error
    return ROLE


def _prepare(connection: psycopg.Connection[Any]) -> None:
    """Raises InsufficientPrivilege where something of it is not allowed."""
    _repeated(connection, lambda: _create_where_missing(connection))
    if not _may_be_assumed(connection):
        _repeated(connection, lambda: connection.execute(_MEMBER))
    _repeated(connection, lambda: _grant_what_is_missing(connection))
    with connection.transaction(force_rollback=True):
        connection.execute(_ASSUME)


def _create_where_missing(connection: psycopg.Connection[Any]) -> None:
    if not _first(connection, _EXISTS, (ROLE,)):
        connection.execute(_CREATE)


def _may_be_assumed(connection: psycopg.Connection[Any]) -> bool:
    try:
        with connection.transaction(force_rollback=True):
            connection.execute(_ASSUME)
    except psycopg.errors.InsufficientPrivilege:
        return False
    return True


def _grant_what_is_missing(connection: psycopg.Connection[Any]) -> None:
    """Exactly what is wanted of each table; nothing is written where all is as it should be."""
    schema = sql.Identifier(_first(connection, "SELECT current_schema()"))
    role = sql.Identifier(ROLE)
    if not _first(connection, _MAY_LOOK, (ROLE,)):
        connection.execute(sql.SQL("GRANT USAGE ON SCHEMA {} TO {}").format(schema, role))
    for name, wanted, is_sequence in connection.execute(_OURS).fetchall():
        named = sql.SQL("{}.{}").format(schema, sql.Identifier(name))
        held = _first(connection, _HELD, (named.as_string(connection), ROLE))
        if set(held.split(", ")) == set(wanted.split(", ")):
            continue
        kind = sql.SQL("SEQUENCE" if is_sequence else "TABLE")
        values = {"kind": kind, "named": named, "role": role, "wanted": sql.SQL(wanted)}
        connection.execute(sql.SQL("REVOKE ALL ON {kind} {named} FROM {role}").format(**values))
        connection.execute(sql.SQL("GRANT {wanted} ON {kind} {named} TO {role}").format(**values))


def _repeated(connection: psycopg.Connection[Any], do: Callable[[], object]) -> None:
    """Do it again where the bot of another database on this server changed the role, too."""
    for tries_left in reversed(range(_TRIES)):
        try:
            with connection.transaction():
                do()
            return
        except (
            psycopg.errors.UniqueViolation,
            psycopg.errors.DuplicateObject,
            psycopg.errors.InternalError_,  # "tuple concurrently updated"
        ):
            if not tries_left:
                raise
            time.sleep(_PAUSE_SECONDS)


def _first(connection: psycopg.Connection[Any], query: LiteralString, values: Any = None) -> Any:
    row = connection.execute(query, values).fetchone()
    return None if row is None else row[0]

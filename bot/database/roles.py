"""The bot's own role in the database: in the audit it may only add and read rows."""

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
#: Roles belong to the whole server: bots of other databases may change this role at the same time.
_TRIES, _PAUSE_SECONDS = 5, 0.05

_EXISTS = "SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = %s)"
_MAY_LOOK = "SELECT has_schema_privilege(%s, current_schema(), 'USAGE')"
_CREATE: LiteralString = f"CREATE ROLE {ROLE} NOLOGIN"
_MEMBER: LiteralString = f"GRANT {ROLE} TO CURRENT_USER"
_ASSUME: LiteralString = f"SET LOCAL ROLE {ROLE}"
#: The tables and sequences of vmbackup, with the privileges that the role should have.
_RELATIONS: LiteralString = """
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
_GRANTED: LiteralString = """
    SELECT coalesce(string_agg(privilege_type, ', '), '')
    FROM pg_class, aclexplode(relacl)
    WHERE pg_class.oid = %s::regclass AND grantee = %s::regrole
"""


def prepared_role(keywords: Mapping[str, str]) -> str | None:
    """Create the role for the bot's connections and grant it what is missing; returns its name.

    None where the server does not allow that, which is logged: the audit's triggers hold all the
    same. Blocks. Raises DatabaseUnreachable.
    """
    try:
        with psycopg.connect(make_conninfo(**keywords)) as connection:
            connection.execute("SELECT pg_advisory_xact_lock(%s)", (LOCK,))
            _prepare(connection)
    except psycopg.errors.InsufficientPrivilege as error:
        _log.warning(
            "The bot works as the owner of its database, because it cannot use its own role (%s). "
            "Allow its user to create roles, or create the role %s and grant it to that user.",
            " ".join(str(error).split()),
            ROLE,
        )
        return None
    except psycopg.OperationalError as error:
        raise unreachable(place_of(keywords), error) from error
    return ROLE


def _prepare(connection: psycopg.Connection[Any]) -> None:
    """Create the role and grant; raises InsufficientPrivilege where the server refuses that."""
    _retry(connection, lambda: _create_where_missing(connection))
    if not _may_be_assumed(connection):
        _retry(connection, lambda: connection.execute(_MEMBER))
    _retry(connection, lambda: _grant_missing(connection))
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


def _grant_missing(connection: psycopg.Connection[Any]) -> None:
    """Grant exactly the wanted privileges of each table; write nothing where they are granted."""
    schema = sql.Identifier(_first(connection, "SELECT current_schema()"))
    role = sql.Identifier(ROLE)
    if not _first(connection, _MAY_LOOK, (ROLE,)):
        connection.execute(sql.SQL("GRANT USAGE ON SCHEMA {} TO {}").format(schema, role))
    for name, wanted, is_sequence in connection.execute(_RELATIONS).fetchall():
        named = sql.SQL("{}.{}").format(schema, sql.Identifier(name))
        granted = _first(connection, _GRANTED, (named.as_string(connection), ROLE))
        if set(granted.split(", ")) == set(wanted.split(", ")):
            continue
        kind = sql.SQL("SEQUENCE" if is_sequence else "TABLE")
        values = {"kind": kind, "named": named, "role": role, "wanted": sql.SQL(wanted)}
        connection.execute(sql.SQL("REVOKE ALL ON {kind} {named} FROM {role}").format(**values))
        connection.execute(sql.SQL("GRANT {wanted} ON {kind} {named} TO {role}").format(**values))


def _retry(connection: psycopg.Connection[Any], do: Callable[[], object]) -> None:
    """Run `do`, again where the bot of another database changed the role at the same time."""
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

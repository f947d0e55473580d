"""The audit: one chain of rows, each with the hash of the row before. It has no other SQL."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from advisor.errors import DatabaseUnusable
from bot.database.audit_comparison import NOT_COMPARED, Compared, compare
from bot.database.names import names_of
from bot.database.pool import Connection, Database
from bot.database.rows import as_json, storable
from bot.requests.changes import AuditEntry

_log = logging.getLogger(__name__)

#: The hash before the first row.
GENESIS = "0" * 64
_ROWS_AT_ONCE = 1000

# The clock is read after the lock was taken, so that the rows' times rise as their numbers do.
_LOCK_HEAD = """
    WITH head AS MATERIALIZED (SELECT seq, hash FROM audit_head FOR UPDATE)
    SELECT seq, hash, vmbackup_now() FROM head
"""
_INSERT = """
    INSERT INTO audit (seq, at, request_id, kind, who, detail, previous, hash)
    SELECT seq, %(at)s, request_id, kind, who, detail, previous, hash
    FROM jsonb_to_recordset(%(rows)s) AS added (
        seq bigint, request_id text, kind text, who text, detail jsonb, previous text, hash text)
"""
_SELECT = "SELECT seq, at, request_id, kind, who, detail, previous, hash FROM audit"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRow:
    """One row of the audit; `hash` covers all other fields, `previous` included."""

    seq: int
    at: datetime
    request_id: str
    kind: str
    who: str
    detail: Mapping[str, Any]
    previous: str
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """The result of checking the whole chain."""

    rows: int
    head: str  #: the hash of the last row, as `audit_head` has it
    broken_at: int | None = None  #: the number of the first row that does not fit
    noted_at: int | None = None  #: the number of the row whose hash was asked for
    compared: Compared = NOT_COMPARED  #: only where the chain is whole


def hash_of(row: AuditRow) -> str:
    """SHA-256, in hexadecimal digits, of the previous hash and the row as canonical JSON."""
    fields = {
        "seq": row.seq,
        "at": row.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "request_id": row.request_id,
        "kind": row.kind,
        "who": row.who,
        "detail": row.detail,
    }
    canonical = json.dumps(fields, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(f"{row.previous}{canonical}".encode()).hexdigest()


def chain(
    entries: Sequence[tuple[str, AuditEntry]], seq: int, head: str, at: datetime
) -> list[AuditRow]:
    """The rows of these pairs (request id, entry), linked to a head of that number and hash."""
    rows: list[AuditRow] = []
    for number, (request_id, entry) in enumerate(entries, seq + 1):
        values: dict[str, Any] = {
            "seq": number,
            "at": at,
            "request_id": request_id,
            "kind": storable(entry.kind),
            "who": storable(entry.who),
            "detail": as_json(entry.detail),
            "previous": rows[-1].hash if rows else head,
        }
        rows.append(AuditRow(**values, hash=hash_of(AuditRow(**values, hash=""))))
    return rows


async def append(connection: Connection, entries: Sequence[tuple[str, AuditEntry]]) -> str:
    """Add rows in the caller's transaction and return the head's new hash.

    The head stays locked until that transaction ends, so the caller takes this lock last.
    """
    found = await (await connection.execute(_LOCK_HEAD)).fetchone()
    if found is None:
        raise _head_missing()
    rows = chain(entries, *found)
    if not rows:
        return str(found[1])
    last = rows[-1]
    added = Jsonb([_values(row) for row in rows])
    await connection.execute(_INSERT, {"at": last.at, "rows": added})
    await connection.execute("UPDATE audit_head SET seq = %s, hash = %s", (last.seq, last.hash))
    _log.info("Audit: row %d, %s of %s, head %s.", last.seq, last.kind, last.request_id, last.hash)
    return last.hash


def _values(row: AuditRow) -> dict[str, Any]:
    names = ("seq", "request_id", "kind", "who", "detail", "previous", "hash")
    return {name: getattr(row, name) for name in names}


class Audit:
    """Reads the audit. Raises DatabaseUnreachable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def head(self) -> str:
        """The hash of the last row."""
        async with self._database.connection() as connection:
            return (await _head(connection))[1]

    async def of_request(self, request_id: str) -> list[AuditRow]:
        """The rows of one request, the oldest first."""
        async with (
            self._database.connection() as connection,
            connection.cursor(row_factory=class_row(AuditRow)) as cursor,
        ):
            query = f"{_SELECT} WHERE request_id = %s ORDER BY seq"
            await cursor.execute(query.encode(), (storable(request_id),))
            return await cursor.fetchall()

    async def names(self, user_ids: Iterable[str]) -> Mapping[str, str]:
        """The names of people as this database last saw them, by Slack id."""
        return await names_of(self._database, user_ids)

    async def hash_at(self, seq: int) -> str:
        """The hash of the row of that number; empty where there is none."""
        async with self._database.connection() as connection:
            cursor = await connection.execute("SELECT hash FROM audit WHERE seq = %s", (seq,))
            found = await cursor.fetchone()
        return str(found[0]) if found else ""

    async def after(self, seq: int) -> list[AuditRow]:
        """The rows beyond that number, in order."""
        async with (
            self._database.connection() as connection,
            connection.cursor(row_factory=class_row(AuditRow)) as cursor,
        ):
            await cursor.execute(f"{_SELECT} WHERE seq > %s ORDER BY seq".encode(), (seq,))
            return await cursor.fetchall()

    async def verify(self, noted: str | None = None) -> Verified:
        """Read every row, compute the chain again, and compare requests and approvals with it.

        `noted` is the beginning of a hash in the chain.

        A chain that was rewritten as a whole is consistent in itself: only a head that was noted
        elsewhere, in a thread or a log, shows it.
        """
        async with self._database.connection() as connection:
            # One snapshot for the rows and the head, however many rows are added meanwhile.
            await connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            seq, head = await _head(connection)
            verified = await _verify_rows(_all_rows(connection), seq, head, noted)
            if verified.broken_at is not None:
                return verified
            return replace(verified, compared=await compare(connection))


def _head_missing() -> DatabaseUnusable:
    return DatabaseUnusable(
        "The audit of this database has lost its head, so nothing can be added to it. Restore the "
        "database from its backup."
    )


async def _head(connection: Connection) -> tuple[int, str]:
    found = await (await connection.execute("SELECT seq, hash FROM audit_head")).fetchone()
    if found is None:
        raise _head_missing()
    return int(found[0]), str(found[1])


async def _all_rows(connection: Connection) -> AsyncIterator[AuditRow]:
    async with connection.cursor("audit", row_factory=class_row(AuditRow)) as cursor:
        cursor.itersize = _ROWS_AT_ONCE
        await cursor.execute(f"{_SELECT} ORDER BY seq".encode())
        async for row in cursor:
            yield row


async def _verify_rows(
    rows: AsyncIterator[AuditRow], seq: int, head: str, noted: str | None
) -> Verified:
    count, previous = 0, GENESIS
    noted_at = 0 if noted and GENESIS.startswith(noted) else None
    async for row in rows:
        count += 1
        if row.seq != count or row.previous != previous or row.hash != hash_of(row):
            return Verified(rows=count, head=head, broken_at=count, noted_at=noted_at)
        previous = row.hash
        noted_at = row.seq if noted and row.hash.startswith(noted) else noted_at
    broken_at = None if (count, previous) == (seq, head) else count + 1
    return Verified(rows=count, head=head, broken_at=broken_at, noted_at=noted_at)

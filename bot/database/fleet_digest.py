"""What the digest of the fleet remembers: the only SQL of `fleet_digest` and `fleet_seen`.

A digest is settled by one transaction that notes its slot, what was seen, and the message. So it
is sent once, however many workers read the fleet and wherever one of them dies.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, LiteralString

from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from bot.database.pool import Database
from bot.database.rows import storable

_TAKE: LiteralString = """
    UPDATE fleet_digest SET lease_token = %(token)s, lease_until = vmbackup_now() + %(time)s
    WHERE (slot IS NULL OR slot < %(slot)s) AND not_before <= vmbackup_now()
      AND (lease_until IS NULL OR lease_until <= vmbackup_now())
    RETURNING read_at, prices, basis, tries
"""
_SEEN: LiteralString = "SELECT vm_id, seen FROM fleet_seen"
# Whoever lost the lease to another worker settles nothing.
_SETTLE: LiteralString = """
    UPDATE fleet_digest SET slot = %(slot)s, read_at = %(read_at)s, prices = %(prices)s,
        basis = %(basis)s, lease_token = NULL, lease_until = NULL, not_before = '-infinity',
        tries = 0, why = ''
    WHERE lease_token = %(token)s AND (slot IS NULL OR slot < %(slot)s)
"""
_REMEMBER: LiteralString = """
    INSERT INTO fleet_seen AS known (vm_id, seen) VALUES (%s, %s)
    ON CONFLICT (vm_id) DO UPDATE SET seen = EXCLUDED.seen WHERE known.seen <> EXCLUDED.seen
"""
_FORGET: LiteralString = "DELETE FROM fleet_seen WHERE vm_id = ANY(%s)"
_SAY: LiteralString = """
    INSERT INTO messages (request_id, key, kind, channel_id, user_id, message)
    VALUES (NULL, %(key)s, 'direct', %(channel)s, '', %(message)s)
    ON CONFLICT (coalesce(request_id, ''), key) DO NOTHING
"""
_PUT_OFF: LiteralString = """
    UPDATE fleet_digest SET lease_token = NULL, lease_until = NULL, tries = tries + 1,
        not_before = vmbackup_now() + make_interval(secs => %(seconds)s), why = %(why)s
    WHERE lease_token = %(token)s
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestTaken:
    """A digest that is due, leased to one worker; JSON as bot.jobs.digest_memory makes it."""

    read_at: datetime | None  #: of the fleet that is remembered; None: none is yet
    prices: Sequence[Any]
    basis: Mapping[str, Any]
    tries: int  #: readings of this digest that were put off


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestToSettle:
    """What a digest leaves behind. `message`: as Slack takes it; None: nothing is said."""

    slot: datetime
    read_at: datetime
    seen: Mapping[str, Mapping[str, Any]]  #: by the lower-cased id of the VM
    gone: Collection[str]
    prices: Sequence[Any]
    basis: Mapping[str, Any]
    channel_id: str = ""
    message: Mapping[str, Any] | None = None
    file: Mapping[str, Any] | None = None  #: a message with a file, which follows


class DigestStore:
    """The digest's rows. Raises DatabaseUnreachable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def take(self, slot: datetime, token: str, seconds: float) -> DigestTaken | None:
        """Lease the digest of that slot; None: it is settled, put off, or another's."""
        values = {"slot": slot, "token": token, "time": timedelta(seconds=seconds)}
        async with (
            self._database.connection() as connection,
            connection.cursor(row_factory=class_row(DigestTaken)) as cursor,
        ):
            await cursor.execute(_TAKE, values)
            return await cursor.fetchone()

    async def seen(self) -> dict[str, Mapping[str, Any]]:
        """What is remembered of each VM, by its lower-cased id."""
        async with self._database.connection() as connection:
            rows = await (await connection.execute(_SEEN)).fetchall()
        return {str(key): seen for key, seen in rows}

    async def settle(self, token: str, digest: DigestToSettle) -> bool:
        """Note everything, and the message to be sent. False: another worker has it."""
        async with self._database.connection() as connection:
            values = {
                "token": token,
                "slot": digest.slot,
                "read_at": digest.read_at,
                "prices": Jsonb(storable(digest.prices)),
                "basis": Jsonb(storable(digest.basis)),
            }
            if (await connection.execute(_SETTLE, values)).rowcount != 1:
                return False
            await connection.execute(_FORGET, (list(digest.gone),))
            rows = [(key, Jsonb(storable(seen))) for key, seen in digest.seen.items()]
            async with connection.cursor() as cursor:
                await cursor.executemany(_REMEMBER, rows)
            for number, message in enumerate((digest.message, digest.file)):
                if message is not None:
                    said = {
                        "key": f"fleet-digest-{digest.slot.isoformat()}-{number}",
                        "channel": digest.channel_id,
                        "message": Jsonb(storable(message)),
                    }
                    await connection.execute(_SAY, said)
        return True

    async def put_off(self, token: str, seconds: float, why: str) -> None:
        """Read again after so many seconds."""
        values = {"token": token, "seconds": seconds, "why": storable(why)}
        async with self._database.connection() as connection:
            await connection.execute(_PUT_OFF, values)

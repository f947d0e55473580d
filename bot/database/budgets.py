"""Money reserved by team and month, and break-glass requests by person; counted under a lock."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from bot.database.pool import Connection
from bot.database.rows import storable
from bot.requests.changes import FreeQuota, MovedOn, OverBudget, Quota, Reserve, UsedUp

_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))"
_RESERVED = """
    SELECT coalesce(sum(amount), 0) FROM reservations
    WHERE team = %(team)s AND month = %(month)s AND currency = %(currency)s
      AND given_back_at IS NULL AND request_id <> %(request_id)s
"""
_TOTAL = """
    SELECT mine.team, mine.month, mine.currency, sum(one.amount)
    FROM reservations AS mine
    JOIN reservations AS one USING (team, month, currency)
    WHERE mine.request_id = %s AND mine.given_back_at IS NULL AND one.given_back_at IS NULL
    GROUP BY mine.team, mine.month, mine.currency
"""
_RESERVE = """
    INSERT INTO reservations (request_id, team, month, currency, amount)
    VALUES (%(request_id)s, %(team)s, %(month)s, %(currency)s, %(amount)s)
    ON CONFLICT (request_id) DO UPDATE SET
        team = EXCLUDED.team, month = EXCLUDED.month, currency = EXCLUDED.currency,
        amount = EXCLUDED.amount, reserved_at = EXCLUDED.reserved_at, given_back_at = NULL
"""
_RELEASE = """
    UPDATE reservations SET given_back_at = vmbackup_now()
    WHERE request_id = %s AND given_back_at IS NULL
"""
_BREAK_GLASS = """
    SELECT count(*) FROM requests
    WHERE requester_user = %s AND broke_glass_at >= %s AND id <> %s
"""
_FREE = "SELECT count(*) FROM requests WHERE vm_key = %s AND free_at >= %s AND id <> %s"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reserved:
    """The budget in which a request reserved money."""

    team: str
    month: str  #: `2026-11`
    currency: str
    total: Decimal  #: what all requests, this one included, have reserved of it


async def reserved_for(connection: Connection, request_id: str) -> Reserved | None:
    """The budget in which this request holds a reservation; None: it holds none."""
    row = await (await connection.execute(_TOTAL, (storable(request_id),))).fetchone()
    if row is None:
        return None
    team, month, currency, total = row
    return Reserved(team=team, month=month, currency=currency, total=Decimal(total))


async def lock(connection: Connection, wanted: Reserve | None, quota: Quota | None) -> None:
    """Take the locks of this money and quota before any row is written.

    A transaction that holds one waits, at the index of live requests, for whoever wrote a row.
    """
    if wanted is not None:
        await _lock_budget(connection, wanted)
    if quota is not None:
        await _lock_quota(connection, quota)


async def _lock_budget(connection: Connection, wanted: Reserve) -> None:
    named = f"budget {wanted.team} {wanted.month} {wanted.currency}"
    await connection.execute(_LOCK, (storable(named),))


async def _lock_quota(connection: Connection, quota: Quota) -> None:
    await connection.execute(_LOCK, (storable(f"break glass {quota.user_id}"),))


async def reserve(connection: Connection, request_id: str, wanted: Reserve) -> None:
    """Reserve the money in place of what this request had reserved; raises OverBudget."""
    await _lock_budget(connection, wanted)
    values = {
        "request_id": request_id,
        "team": storable(wanted.team),
        "month": wanted.month,
        "currency": wanted.currency,
        "amount": wanted.amount,
    }
    others = await reserved(connection, wanted, excluding=request_id)
    if wanted.limit is not None and others + wanted.amount > wanted.limit:
        raise OverBudget(wanted.limit, others)
    await connection.execute(_RESERVE, values)


async def reserved(connection: Connection, of: Reserve, excluding: str = "") -> Decimal:
    """The money that requests, except `excluding`, hold of the same team, month and currency."""
    values = {
        "team": storable(of.team),
        "month": of.month,
        "currency": of.currency,
        "request_id": excluding,
    }
    row = await (await connection.execute(_RESERVED, values)).fetchone()
    return Decimal(row[0]) if row else Decimal(0)


async def release(connection: Connection, request_id: str) -> None:
    """Release the request's reservation: its money was not spent."""
    await connection.execute(_RELEASE, (request_id,))


async def check_free(connection: Connection, request_id: str, free: FreeQuota) -> None:
    """Raises MovedOn where another request for the VM took the last place: the caller looks again.

    The lock keeps the count true until the caller's transaction ends.
    """
    await connection.execute(_LOCK, (storable(f"without approval {free.vm_key}"),))
    if await free_count(connection, free, excluding=request_id) >= free.most:
        raise MovedOn(request_id)


async def free_count(connection: Connection, free: FreeQuota, excluding: str = "") -> int:
    """How many requests for the VM, except `excluding`, went without an approval since then.

    Every one counts, however it ended.
    """
    values = (storable(free.vm_key), free.since, excluding)
    row = await (await connection.execute(_FREE, values)).fetchone()
    return int(row[0]) if row else 0


async def check_quota(connection: Connection, request_id: str, quota: Quota) -> None:
    """Raises UsedUp where this person used break-glass as often as allowed.

    The lock keeps the count true until the caller's transaction ends.
    """
    await _lock_quota(connection, quota)
    used = await break_glass_count(connection, quota, excluding=request_id)
    if used >= quota.most:
        raise UsedUp(quota.most, used)


async def break_glass_count(connection: Connection, quota: Quota, excluding: str = "") -> int:
    """How many requests, except `excluding`, used this person's break-glass since `quota.since`.

    Every one counts, however it ended.
    """
    values = (storable(quota.user_id), quota.since, excluding)
    row = await (await connection.execute(_BREAK_GLASS, values)).fetchone()
    return int(row[0]) if row else 0

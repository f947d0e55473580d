"""Money reserved by team and month, and how often the glass was broken; counted under a lock."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from bot.database.pool import Connection
from bot.database.rows import storable
from bot.requests.changes import OverBudget, Quota, Reserve, UsedUp

_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))"
_RESERVED = """
    SELECT coalesce(sum(amount), 0) FROM reservations
    WHERE team = %(team)s AND month = %(month)s AND currency = %(currency)s
      AND given_back_at IS NULL AND request_id <> %(request_id)s
"""
_TOGETHER = """
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
_GIVE_BACK = """
    UPDATE reservations SET given_back_at = now()
    WHERE request_id = %s AND given_back_at IS NULL
"""
_BROKEN = """
    SELECT count(*) FROM requests
    WHERE requester_user = %s AND broke_glass_at >= %s AND id <> %s
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reserved:
    """The budget of a team and month that a request takes from."""

    team: str
    month: str  #: `2026-11`
    currency: str
    together: Decimal  #: what all requests, this one, too, have taken of it


async def reserved_for(connection: Connection, request_id: str) -> Reserved | None:
    """Where the money of this request comes from; None: from nowhere, or it is given back."""
    row = await (await connection.execute(_TOGETHER, (storable(request_id),))).fetchone()
    if row is None:
        return None
    team, month, currency, together = row
    return Reserved(team=team, month=month, currency=currency, together=Decimal(together))


async def reserve(connection: Connection, request_id: str, wanted: Reserve) -> None:
    """Take it, in place of what this request had; raises OverBudget where it does not fit."""
    named = f"budget {wanted.team} {wanted.month} {wanted.currency}"
    await connection.execute(_LOCK, (storable(named),))
    values = {
        "request_id": request_id,
        "team": storable(wanted.team),
        "month": wanted.month,
        "currency": wanted.currency,
        "amount": wanted.amount,
    }
    taken = await reserved(connection, wanted, but=request_id)
    if wanted.limit is not None and taken + wanted.amount > wanted.limit:
        raise OverBudget(wanted.limit, taken)
    await connection.execute(_RESERVE, values)


async def reserved(connection: Connection, of: Reserve, but: str = "") -> Decimal:
    """What the others have taken of the same team, month and currency."""
    values = {
        "team": storable(of.team),
        "month": of.month,
        "currency": of.currency,
        "request_id": but,
    }
    row = await (await connection.execute(_RESERVED, values)).fetchone()
    return Decimal(row[0]) if row else Decimal(0)


async def give_back(connection: Connection, request_id: str) -> None:
    """Nothing was spent: the money is the team's again."""
    await connection.execute(_GIVE_BACK, (request_id,))


async def check_quota(connection: Connection, request_id: str, quota: Quota) -> None:
    """Raises UsedUp where this person broke the glass as often as allowed; holds the count."""
    await connection.execute(_LOCK, (storable(f"break glass {quota.user_id}"),))
    used = await times_broken_glass(connection, quota, but=request_id)
    if used >= quota.most:
        raise UsedUp(quota.most, used)


async def times_broken_glass(connection: Connection, quota: Quota, but: str = "") -> int:
    """How often this person broke the glass since then, whatever came of it."""
    values = (storable(quota.user_id), quota.since, but)
    row = await (await connection.execute(_BROKEN, values)).fetchone()
    return int(row[0]) if row else 0

"""Follows the database's clock where it goes back, so that nothing waits for it to come again.

Every wait in the database is a time at which it ends. After a clock was an hour fast and is set
right, each of these times is an hour too late.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import LiteralString

from bot.database.outbox import RESEND_AFTER
from bot.database.pool import Database

_log = logging.getLogger(__name__)

#: A clock that is kept in step goes back by less, and a wait of this length does not matter.
GOES_BACK_BY = timedelta(seconds=5)

_LOCK: LiteralString = "SELECT seen - vmbackup_now() FROM clock FOR UPDATE"
_SEEN: LiteralString = "UPDATE clock SET seen = vmbackup_now()"
# What ends within `soon` stays: it may have been written after the clock went back, as is the time
# until a message is sent again whose sender never reported.
_MOVES: tuple[LiteralString, ...] = (
    """UPDATE messages SET not_before = not_before - %(by)s
       WHERE not_before > vmbackup_now() + %(soon)s AND sent_at IS NULL""",
    """UPDATE channels SET next_at = next_at - %(by)s
       WHERE next_at > vmbackup_now() + %(soon)s""",
    """UPDATE channels SET lease_until = lease_until - %(by)s
       WHERE lease_until > vmbackup_now() + %(soon)s""",
    """UPDATE requests SET next_at = next_at - %(by)s
       WHERE next_at > vmbackup_now() + %(soon)s""",
    """UPDATE requests SET not_before = not_before - %(by)s
       WHERE not_before > vmbackup_now() + %(soon)s""",
    """UPDATE requests SET lease_until = lease_until - %(by)s
       WHERE lease_until > vmbackup_now() + %(soon)s""",
    """UPDATE steps SET ask_at = ask_at - %(by)s
       WHERE ask_at > vmbackup_now() + %(soon)s""",
    """UPDATE points SET delete_after = delete_after - %(by)s
       WHERE delete_after > vmbackup_now() + %(soon)s""",
    """UPDATE fleet_digest SET lease_until = lease_until - %(by)s
       WHERE lease_until > vmbackup_now() + %(soon)s""",
    """UPDATE fleet_digest SET not_before = not_before - %(by)s
       WHERE not_before > vmbackup_now() + %(soon)s""",
    """UPDATE clicks SET pressed_at = pressed_at - %(by)s
       WHERE pressed_at > vmbackup_now() AND answered_at IS NULL""",
)


async def follow_clock(database: Database) -> timedelta | None:
    """Note the time; where it is before the noted one, move every wait back by the difference.

    Returns the difference, None where the clock went on. Of several workers one moves the waits:
    the row is locked. Times that people were told, such as an expiry, stay. Raises
    DatabaseUnreachable.
    """
    async with database.connection() as connection:
        found = await (await connection.execute(_LOCK)).fetchone()
        by: timedelta | None = found[0] if found and found[0] >= GOES_BACK_BY else None
        if by is not None:
            for move in _MOVES:
                await connection.execute(move, {"by": by, "soon": RESEND_AFTER})
        await connection.execute(_SEEN)
    if by is not None:
        _log.warning("The database's clock went back by %s. Every wait was moved with it.", by)
    return by

"""The outbox: the messages to Slack in order, and the leases on their channels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, LiteralString

from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from bot.database.pool import Database
from bot.database.rows import storable

#: A message whose sender never reported is sent again after this: Slack may have posted it.
RESEND_AFTER = timedelta(seconds=15)
#: A card that was left alone for so long may be edited twice in a row.
RESTED_AFTER = timedelta(seconds=2)
_TRIES = 3  #: several senders try to lease the same channel; the others try again

# A note waits for the earlier notes of its kind, and a note in a thread for the card.
_DUE: LiteralString = """
    FROM messages AS message
    LEFT JOIN messages AS card
        ON message.kind = 'thread' AND card.request_id = message.request_id AND card.kind = 'card'
    WHERE message.sent_at IS NULL AND message.given_up_at IS NULL
      AND (message.kind <> 'card' OR message.shown_version < message.wanted_version)
      AND (message.kind <> 'thread' OR card.ts <> '')
      AND message.not_before <= vmbackup_now()
      AND NOT EXISTS (
          SELECT FROM messages AS earlier
          WHERE earlier.id < message.id AND earlier.request_id = message.request_id
            AND earlier.kind = message.kind AND earlier.user_id = message.user_id
            AND earlier.channel_id = message.channel_id
            AND earlier.sent_at IS NULL AND earlier.given_up_at IS NULL)
"""
# With the request that the message is about, and its card.
_DUE_AND_CARD: LiteralString = _DUE.replace(
    "WHERE message.sent_at",
    """LEFT JOIN requests AS asked ON asked.id = message.request_id
    LEFT JOIN messages AS shown
        ON shown.request_id = message.request_id AND shown.kind = 'card'
    WHERE message.sent_at""",
    1,
)
# A channel rests between two posts. Whispers and edits are no posts; but Slack may not let a card
# be edited any more, so what failed once keeps the pace of a post.
_RESTS: LiteralString = """
    (next_at > vmbackup_now() AND NOT (message.kind = 'whisper'
        OR (message.kind = 'card' AND message.ts <> '' AND message.attempts = 0)))
"""
_TAKE: LiteralString = f"""
    INSERT INTO channels AS mine (channel_id, lease_token, lease_time, lease_until)
    SELECT message.channel_id, %(token)s, %(time)s, vmbackup_now() + %(time)s
    {_DUE}
      AND NOT EXISTS (
          SELECT FROM channels WHERE channels.channel_id = message.channel_id
            AND ({_RESTS} OR lease_until > vmbackup_now()))
    ORDER BY message.not_before, message.id LIMIT 1
    ON CONFLICT (channel_id) DO UPDATE
    SET lease_token = EXCLUDED.lease_token, lease_time = EXCLUDED.lease_time,
        lease_until = EXCLUDED.lease_until
    WHERE mine.lease_until IS NULL OR mine.lease_until <= vmbackup_now()
    RETURNING channel_id
"""  # noqa: S608  this file's own words
_ANY_FREE: LiteralString = f"""
    SELECT 1 {_DUE}
      AND NOT EXISTS (
          SELECT FROM channels WHERE channels.channel_id = message.channel_id
            AND ({_RESTS} OR lease_until > vmbackup_now()))
    LIMIT 1
"""  # noqa: S608  this file's own words
# Whispers come last, so that the answers to a button that is pressed all the time delay no card.
_NEXT: LiteralString = f"""
    SELECT message.id, message.kind, message.request_id, message.channel_id, message.user_id,
           coalesce(card.ts, '') AS thread_ts, message.ts, message.wanted_version AS version,
           message.message, message.attempts, message.unless_in,
           coalesce(asked.requester_channel, '') AS asked_in, coalesce(asked.trace, '') AS trace,
           CASE WHEN message.kind = 'card' THEN message.permalink
                ELSE coalesce(shown.permalink, '') END AS link,
           message.not_before <= vmbackup_now() - %(rested)s::interval AS rested
    {_DUE_AND_CARD}
      AND message.channel_id = %(channel)s
      AND EXISTS (SELECT FROM channels WHERE channel_id = %(channel)s
                  AND lease_token = %(token)s AND lease_until > vmbackup_now()
                  AND NOT {_RESTS})
    ORDER BY (message.kind = 'whisper'), message.not_before, message.id LIMIT 1
"""  # noqa: S608  this file's own words
_RENEW = """
    UPDATE channels SET lease_until = vmbackup_now() + lease_time
    WHERE channel_id = (SELECT channel_id FROM messages WHERE id = %(id)s)
      AND lease_token = %(token)s AND lease_until > vmbackup_now()
"""
_SENDING = "UPDATE messages SET not_before = vmbackup_now() + %(wait)s WHERE id = %(id)s"
# A card that is to be posted again since then stays due: the message sent is its earlier card.
_SENT = """
    UPDATE messages SET
        ts = %(ts)s, attempts = 0, why = '',
        not_before = vmbackup_now() + make_interval(secs => %(rest)s),
        shown_version = greatest(shown_version, %(version)s),
        sent_at = CASE WHEN kind = 'card' THEN NULL ELSE vmbackup_now() END
    WHERE id = %(id)s AND (kind <> 'card' OR %(version)s >= from_version)
"""
_PUT_OFF = """
    UPDATE messages SET attempts = attempts + 1, why = %(why)s,
        not_before = vmbackup_now() + make_interval(secs => %(seconds)s)
    WHERE id = %(id)s
"""
# A card that Slack refuses is tried again when its request changes. The notes that wait for its
# thread go to the requester directly, so that the requester does not wait in vain. What stands
# beside such a note, to be told directly where it is not read in the thread, says less: it is
# counted as said with it. Its key is that of the note after `told-` (bot.workflow.transitions).
_GIVE_UP = """
    WITH given_up AS (
        UPDATE messages SET why = %(why)s, attempts = 0,
            shown_version = CASE WHEN kind = 'card' THEN wanted_version ELSE shown_version END,
            given_up_at = CASE WHEN kind = 'card' THEN NULL ELSE vmbackup_now() END
        WHERE id = %(id)s
        RETURNING request_id, kind, ts),
    redirected AS (
        UPDATE messages AS note
        SET kind = 'direct', user_id = requests.requester_user, not_before = vmbackup_now()
        FROM given_up AS card JOIN requests ON requests.id = card.request_id
        WHERE card.kind = 'card' AND card.ts = '' AND requests.requester_user <> ''
          AND note.request_id = card.request_id AND note.kind = 'thread'
          AND note.sent_at IS NULL AND note.given_up_at IS NULL
        RETURNING note.request_id, note.key)
    UPDATE messages AS told SET sent_at = vmbackup_now()
    FROM redirected
    WHERE told.request_id = redirected.request_id AND told.key = 'told-' || redirected.key
      AND told.kind = 'direct' AND told.sent_at IS NULL AND told.given_up_at IS NULL
"""
_PAUSE = """
    INSERT INTO channels (channel_id, next_at)
    VALUES (%(channel)s, vmbackup_now() + make_interval(secs => %(seconds)s))
    ON CONFLICT (channel_id) DO UPDATE
    SET lease_token = NULL, lease_until = NULL,
        next_at = greatest(channels.next_at, EXCLUDED.next_at)
"""
_LINKED = "UPDATE messages SET permalink = %(url)s WHERE id = %(id)s AND ts = %(ts)s"
# Said to one person once, however many messages meet the same.
_ONCE = """
    INSERT INTO messages (request_id, key, kind, channel_id, user_id, message)
    VALUES (NULL, %(key)s, 'whisper', %(channel)s, %(user)s, %(message)s)
    ON CONFLICT (coalesce(request_id, ''), key) DO NOTHING
"""
_ADOPT = """
    UPDATE messages SET ts = %(ts)s, shown_version = 0, not_before = vmbackup_now()
    WHERE request_id = %(id)s AND kind = 'card' AND channel_id = %(channel)s AND ts = ''
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingMessage:
    """One message that is due. A card has no `message`: the sender makes it from the request."""

    id: int
    kind: str  #: card, thread, whisper or direct
    request_id: str | None
    channel_id: str
    user_id: str
    thread_ts: str  #: of the request's card, for a note in its thread
    ts: str  #: of a card that was posted already
    version: int  #: of the request; the card must show it or a newer one
    message: Mapping[str, Any] | None
    attempts: int  #: attempts that failed
    rested: bool = False  #: whether it has been due, or left alone, for some time
    unless_in: str = ""  #: of a direct message: whoever is in this channel reads it there
    asked_in: str = ""  #: where its request was asked for
    link: str = ""  #: the address of the card, where it is known
    trace: str = ""  #: in which its request was asked for


class Outbox:
    """The outbox of any number of senders. Raises DatabaseUnreachable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def take_channel(self, token: str, seconds: float) -> str | None:
        """Lease the channel of the message that has been due longest; None: no message is due."""
        values = {"token": token, "time": timedelta(seconds=seconds)}
        async with self._database.connection() as connection:
            for _ in range(_TRIES):
                row = await (await connection.execute(_TAKE, values)).fetchone()
                if row is not None:
                    return str(row[0])
                if await (await connection.execute(_ANY_FREE)).fetchone() is None:
                    return None
        return None

    async def next_message(self, channel_id: str, token: str) -> PendingMessage | None:
        """The channel's next message; None: none is due, or the lease has another token."""
        values = {"channel": channel_id, "token": token, "rested": RESTED_AFTER}
        async with (
            self._database.connection() as connection,
            connection.cursor(row_factory=class_row(PendingMessage)) as cursor,
        ):
            await cursor.execute(_NEXT, values)
            return await cursor.fetchone()

    async def sending(self, message_id: int, token: str) -> bool:
        """Renew the lease before the message is sent. False: the lease is lost; do not send."""
        values = {"id": message_id, "token": token, "wait": RESEND_AFTER}
        async with self._database.connection() as connection:
            if (await connection.execute(_RENEW, values)).rowcount != 1:
                return False
            await connection.execute(_SENDING, values)
        return True

    async def sent(self, message_id: int, ts: str, version: int, rest_seconds: float = 0.0) -> None:
        """Note that Slack has the message under this ts, and that a card shows this version.

        The card is not edited for so many seconds.
        """
        await self._write(_SENT, id=message_id, ts=ts, version=version, rest=rest_seconds)

    async def put_off(self, message_id: int, seconds: float, why: str) -> None:
        """Try the message again after so many seconds; later messages in its thread wait."""
        await self._write(_PUT_OFF, id=message_id, seconds=seconds, why=storable(why))

    async def give_up(self, message_id: int, why: str) -> None:
        """Stop trying: Slack refuses the message. A card is tried again when its request changes.

        Where there is no card yet, the notes for its thread go to the requester directly.
        """
        await self._write(_GIVE_UP, id=message_id, why=storable(why))

    async def pause(self, channel_id: str, seconds: float) -> None:
        """Release the lease; nothing is posted in the channel for so many seconds."""
        await self._write(_PAUSE, channel=channel_id, seconds=seconds)

    async def linked(self, message_id: int, ts: str, url: str) -> None:
        """Note the address of a card, where it is still the message `ts`."""
        await self._write(_LINKED, id=message_id, ts=ts, url=storable(url))

    async def whisper_once(
        self, key: str, channel_id: str, user_id: str, message: Mapping[str, Any]
    ) -> None:
        """Tell one person something that is said once for its key, whatever it is about."""
        content = Jsonb(storable(message))
        await self._write(_ONCE, key=key, channel=channel_id, user=user_id, message=content)

    async def adopt_card(self, request_id: str, channel_id: str, ts: str) -> bool:
        """Note this message as the request's card; False: a card is known already."""
        return await self._write(_ADOPT, id=request_id, channel=channel_id, ts=ts) == 1

    async def _write(self, query: LiteralString, **values: Any) -> int:
        async with self._database.connection() as connection:
            return (await connection.execute(query, values)).rowcount

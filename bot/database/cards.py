"""The cards of requests as the outbox has them: where they are, and posting one anew."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from psycopg.rows import class_row

from bot.database.rows import storable
from bot.database.wakes import StorePart

_FIND = """
    SELECT request_id, channel_id, ts, permalink,
           ts = '' AND shown_version >= wanted_version AS is_given_up
    FROM messages
    WHERE request_id = ANY(%s) AND kind = 'card'
"""
_LINKED = """
    UPDATE messages SET permalink = %s WHERE request_id = %s AND kind = 'card' AND ts = %s
"""
# Only where the card is still the one that was looked for: of two who ask, one posts it anew. One
# that was never posted is left alone while it is on its way. The version counts, so that an edit
# of the earlier card that is under way is not taken for the new one.
_ANEW = """
    WITH counted AS (
        UPDATE requests SET version = version + 1
        WHERE id IN (SELECT request_id FROM messages
                     WHERE request_id = %(id)s AND kind = 'card' AND ts = %(ts)s
                       AND (ts <> '' OR shown_version >= wanted_version))
        RETURNING id, version)
    UPDATE messages SET ts = '', permalink = '', shown_version = 0, attempts = 0, why = '',
        not_before = vmbackup_now(), given_up_at = NULL,
        from_version = counted.version, wanted_version = counted.version
    FROM counted WHERE messages.request_id = counted.id AND messages.kind = 'card'
"""
_LOCK = "SELECT FROM requests WHERE id = %s FOR NO KEY UPDATE"
_BUTTON = """
    INSERT INTO buttons (button, request_id, revision)
    SELECT %s, id, revision FROM requests WHERE id = %s
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredCard:
    """The card of a request: its channel, its `ts` (empty: not posted), its address."""

    request_id: str
    channel_id: str
    ts: str
    permalink: str  #: empty: not known
    is_given_up: bool  #: it was never posted, because Slack refused it


class Cards(StorePart):
    """The part of the store that knows where cards are. Raises DatabaseUnreachable."""

    async def card(self, request_id: str) -> StoredCard | None:
        """The card of a request; None: it has none."""
        return next(iter(await self._cards([request_id])), None)

    async def links(self, request_ids: Sequence[str]) -> dict[str, str]:
        """The addresses of the cards of these requests, as far as they are known."""
        found = await self._cards(request_ids)
        return {each.request_id: each.permalink for each in found if each.permalink}

    async def card_linked(self, card: StoredCard, permalink: str) -> None:
        """Note the address that Slack gives for the card."""
        async with self._database.connection() as connection:
            await connection.execute(_LINKED, (storable(permalink), card.request_id, card.ts))

    async def post_anew(self, card: StoredCard) -> bool:
        """Let the card be posted anew; False where it is another one by now."""
        values = {"id": card.request_id, "ts": card.ts}
        async with self._database.connection() as connection:
            await connection.execute(_LOCK, (card.request_id,))
            return (await connection.execute(_ANEW, values)).rowcount == 1

    async def new_button(self, request_id: str, button: str) -> bool:
        """Bind a new value of a button to the request as it is; False: there is none."""
        values = (storable(button), storable(request_id))
        async with self._database.connection() as connection:
            return (await connection.execute(_BUTTON, values)).rowcount == 1

    async def _cards(self, request_ids: Sequence[str]) -> list[StoredCard]:
        async with (
            self._database.connection() as connection,
            connection.cursor(row_factory=class_row(StoredCard)) as cursor,
        ):
            await cursor.execute(_FIND, ([storable(each) for each in request_ids],))
            return await cursor.fetchall()

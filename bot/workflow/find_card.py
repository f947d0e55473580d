"""Where the card of a request is; one that is gone from Slack is posted anew."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from bot.database.store import Store
from bot.slack.permalinks import Permalink, Presence


@dataclass(frozen=True, slots=True, kw_only=True)
class CardPlace:
    """Where a card is. `is_anew`: it was gone and is posted again, so that no address is known."""

    channel_id: str = ""  #: empty: the request has no card
    link: str = ""
    is_anew: bool = False


class FindsMessages(Protocol):
    """Slack, as far as it says where a message is."""

    async def of(self, channel_id: str, ts: str) -> Permalink: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class CardFinder:
    """Finds cards in the outbox, and asks Slack whether they are still there."""

    store: Store
    messages: FindsMessages

    async def find(self, request_id: str) -> CardPlace:
        """The place of the card. Raises DatabaseUnreachable; what Slack does not say is not known.

        A card that Slack does not have is posted anew, once however many ask; one that was never
        posted because Slack refused it is tried again.
        """
        card = await self.store.card(request_id)
        if card is None:
            return CardPlace()
        if not card.ts:
            if card.is_given_up:
                await self.store.post_anew(card)
            return CardPlace(channel_id=card.channel_id)
        found = await self.messages.of(card.channel_id, card.ts)
        if found.presence is Presence.GONE:
            await self.store.post_anew(card)
            return CardPlace(channel_id=card.channel_id, is_anew=True)
        if found.url and found.url != card.permalink:
            await self.store.card_linked(card, found.url)
        return CardPlace(channel_id=card.channel_id, link=found.url or card.permalink)

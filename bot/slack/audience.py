"""Who may read about VMs: the people of `[advise]`, and the channels that may be told.

Facts are read from Slack; the rules decide (`bot.requests.approval`). What cannot be read is no.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterable
from dataclasses import dataclass
from typing import Protocol, TypeVar

from bot.requests.action import Privilege
from bot.requests.approval.people import ChannelFacts, Membership, Person, SlackThrottled
from bot.requests.approval.public_answers import may_be_public
from bot.requests.approval.rules import ADVISE, Circle, RequestRules
from bot.requests.approval.rulings import Ruling
from bot.requests.approval.who_may import may_ask
from bot.requests.model import Requester
from bot.requests.refusals import NotAllowed

_Read = TypeVar("_Read")

#: The rules where no settings are: every member of the workspace may ask, nobody may request.
MEMBERS_ONLY = RequestRules(may={ADVISE.table: Circle(everybody=True)})


class ReadsWhoIsThere(Protocol):
    """People, groups and channels as Slack has them; None: Slack did not say."""

    async def person(self, user_id: str, *, fresh: bool = False) -> Person | None: ...

    async def groups(self, ids: Iterable[str], *, fresh: bool = False) -> Membership: ...

    async def channel(self, channel_id: str, *, fresh: bool = False) -> ChannelFacts | None: ...


@dataclass(frozen=True, slots=True)
class Audience:
    """The rules of who may read about VMs, with the facts that they need."""

    people: ReadsWhoIsThere
    rules: RequestRules

    @property
    def is_public_at_once(self) -> bool:
        """Whether the settings make an advice public without `--share`."""
        return self.rules.advice_is_public

    async def require(
        self, requester: Requester, *, privilege: Privilege = ADVISE, fresh: bool = False
    ) -> None:
        """Raises NotAllowed where the person may not ask, or where that cannot be read.

        `fresh`: a reading of before is not enough.
        """
        person, groups = await asyncio.gather(
            _unless_throttled(self.people.person(requester.user_id, fresh=fresh)),
            _unless_throttled(
                self.people.groups(self.rules.requester_groups(privilege), fresh=fresh)
            ),
        )
        ruling = may_ask(person, privilege, self.rules, groups or {})
        if not ruling.allowed:
            raise NotAllowed(ruling.sentence)

    async def may_be_public(self, channel_id: str, *, fresh: bool = False) -> Ruling:
        """Whether everybody in the channel may read about a VM."""
        if not channel_id:
            return may_be_public(channel_id, None, self.rules)
        facts = await _unless_throttled(self.people.channel(channel_id, fresh=fresh))
        return may_be_public(channel_id, facts, self.rules)


async def _unless_throttled(reading: Awaitable[_Read | None]) -> _Read | None:
    """The reading; None where Slack limits how often it is asked."""
    try:
        return await reading
    except SlackThrottled:
        return None

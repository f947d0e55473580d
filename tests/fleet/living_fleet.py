"""A fleet that lives, its Azure, the bot's database with a clock to move, and two workers."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

from advisor.azure.live import LiveInventory
from advisor.needs import Tiers
from bot.database.fleet_digest import DigestStore
from bot.database.outbox import Outbox
from bot.database.pool import Database, pooled
from bot.database.roles import ROLE
from bot.jobs.fleet_reader import FleetReader
from bot.jobs.weekly_digest import PARTIAL_PAUSE_SECONDS, JudgesChannels, WeeklyDigest
from bot.requests.approval.rules import WeeklyDigestRule
from bot.requests.approval.rulings import Ruling, RulingReason, yes
from bot.slack.calls import Calls
from bot.slack.delivery import Delivery
from bot.slack.files import Files
from bot.slack.outbox import Sender
from deploy.local.azure.server import AzureStandIn
from deploy.local.database_clock import make_movable, move_forward
from deploy.local.slack.standin import SlackStandIn
from tests.databases import Served
from tests.fleet.half_year import WEEK, HalfYear, Week, throttled
from tests.fleet.reading import live

OPS = "C01OPS"


class Anybody:
    """Every channel may read."""

    async def may_be_public(self, channel_id: str, *, fresh: bool = False) -> Ruling:
        return yes(RulingReason.PUBLIC_FINE)


class Place:
    """The fleet, its Azure, the bot's database, two workers, and a sender."""

    def __init__(
        self, fleet: HalfYear, azure: AzureStandIn, served: Served, database: Database
    ) -> None:
        self.fleet, self.azure, self.served, self.database = fleet, azure, served, database
        self.workers = [self.worker() for _ in range(2)]

    def worker(self, audience: JudgesChannels | None = None) -> WeeklyDigest:
        def inventory() -> LiveInventory:
            return live(self.azure, tries=1)

        reader = FleetReader(inventory, self.fleet.prices, Tiers(), self.now)
        rule = WeeklyDigestRule(channel=OPS, weekday=0, hour_utc=7)
        store = DigestStore(self.database)
        return WeeklyDigest(
            rule, reader, store, audience or Anybody(), self.now, lambda: secrets.token_hex(8)
        )

    def now(self) -> datetime:
        return self.fleet.world.now

    def forward(self, by: timedelta) -> None:
        self.fleet.world.forward(by)
        move_forward(self.served.connection_keywords, by)

    async def live_through(self, week: Week) -> int:
        """A week passes; how many of both workers settled its digest."""
        self.forward(WEEK)
        for happens in week.happens:
            happens(self.fleet)
        self.fleet.nightly()
        settled = 0
        for _ in range(4 if week.worker else 0):
            self.azure.faults.clear()
            if week.answers is not None:
                throttled(self.azure, week.answers)
            settled += sum(await asyncio.gather(*(each.once() for each in self.workers)))
            if settled:
                break
            self.forward(timedelta(seconds=PARTIAL_PAUSE_SECONDS + 1))
        return settled


@asynccontextmanager
async def living(served: Served) -> AsyncIterator[Place]:
    """Everything, from the first night on."""
    await asyncio.to_thread(make_movable, served.connection_keywords)
    fleet = HalfYear()
    async with (
        AzureStandIn(fleet.world) as azure,
        pooled(served.connection_keywords, role=ROLE) as database,
    ):
        yield Place(fleet, azure, served, database)


def sender_of(place: Place, slack: SlackStandIn) -> Sender:
    """Brings the outbox to the played Slack."""
    from slack_sdk.web.async_client import AsyncWebClient

    client = AsyncWebClient(slack.bot_token, base_url=slack.api_url)
    delivery = Delivery(Calls(client), files=Files(client, slack.api_url))
    return Sender(
        Outbox(place.database), delivery, _no_card, new_token=lambda: secrets.token_hex(8)
    )


async def _no_card(_request_id: str) -> None:
    """Nobody asked for anything here."""

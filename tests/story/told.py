"""A whole story at the wire: real store, both stand-ins, and people who press buttons."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from advisor.azure.connection import AzureConnection
from advisor.azure.live import LiveInventory
from advisor.prices.saved import load_book
from bot.actions.connection import AzureActs
from bot.database.opening import open_database
from bot.manifest import manifest
from bot.parts import Doors, new_request_id, people_of, sender_of, story_of
from bot.requests.changes import Ask
from bot.requests.model import Action, Asker, Click, ClickKind, Request, Wish
from bot.requests.rules import RequestRules
from bot.requests.rules_file import load_rules
from bot.slack.outbox import Sender
from bot.story.story import Story
from bot.story.tools import Pace
from deploy.local.azure.server import AzureStandIn
from deploy.local.fleet.sample import sample_world
from deploy.local.slack.people import ADA, TEAM
from deploy.local.slack.standin import SlackStandIn
from tests.standin.azure.running_azure import AsyncToken

SETTINGS = Path(__file__).parents[2] / "deploy" / "local" / "vmbackup.toml"
OPS = "C01OPS"
QUICK = Pace(look_again_seconds=0.02, patience_seconds=5.0, lease_seconds=5.0)


@dataclass
class Told:
    """The system without its processes: nudges are given by hand."""

    azure: AzureStandIn
    slack: SlackStandIn
    doors: Doors
    acts: AzureActs
    story: Story
    sender: Sender
    presses: int = 0

    @property
    def store(self) -> Any:
        return self.doors.store

    def under(self, rules: RequestRules, pace: Pace = QUICK) -> None:
        """From now on other rules hold."""
        self.doors = Doors(
            database=self.doors.database,
            inventory=self.doors.inventory,
            book=self.doors.book,
            client=self.doors.client,
            rules=rules,
            people=people_of(self.doors.client),
        )
        self.story = story_of(self.doors, self.acts, pace)
        self.sender = sender_of(self.doors)

    async def ask(self, vm: str = "web-01", user: str = ADA.id, **wish: Any) -> str:
        """Ask and plan; the request's id."""
        values = {"action": Action.SNAPSHOT, "vm": vm, "reason": "before a kernel update"} | wish
        request_id = new_request_id()
        asker = Asker(team_id=TEAM.id, user_id=user, user_name="somebody", channel_id=OPS)
        ask = Ask(id=request_id, asker=asker, wish=Wish(**values), content_key=request_id)
        await self.store.ask([ask])
        await self.story.carry_on(request_id)
        return request_id

    async def press(
        self, request_id: str, kind: ClickKind, user: str, text: str = "", button: str = ""
    ) -> None:
        """Press a button of the card and have it judged."""
        self.presses += 1
        request = await self.get(request_id)
        click = Click(
            id=f"click-{self.presses}",
            kind=kind,
            button=button or request.button,
            team_id=TEAM.id,
            user_id=user,
            user_name=user,
            channel_id=OPS,
            message_ts="",
            text=text,
        )
        await self.store.press([click])
        await self.story.judge(click.id)

    async def get(self, request_id: str) -> Request:
        found = await self.store.get(request_id)
        assert found is not None
        return found

    async def until_said(self, part: str, seconds: float = 20.0) -> str:
        """Send what is due until a message of #ops holds this; one a second is Slack's pace."""
        async with asyncio.timeout(seconds):
            while True:
                for message in self.slack.messages(OPS):
                    if part in message.text:
                        return message.text
                if not await self.sender.step():
                    await asyncio.sleep(0.05)

    def snapshots(self, request_id: str) -> list[dict[str, Any]]:
        """Those in Azure that carry the request's tag."""
        return [
            body
            for body in self.azure.world.of_type("Microsoft.Compute/snapshots")
            if (body.get("tags") or {}).get("vmbackup-request") == request_id
        ]


@asynccontextmanager
async def told(database_settings: Any) -> AsyncIterator[Told]:
    """Everything open, the sample fleet in Azure; work there takes no time."""
    world = sample_world()
    world.pace = 0.0
    rules, token = load_rules(SETTINGS), AsyncToken(world)
    async with (
        AzureStandIn(world) as azure,
        SlackStandIn(manifest()) as slack,
        open_database(database_settings) as database,
        LiveInventory(credential=token, base_url=azure.url, allow_plain_http=True) as inventory,
        AzureConnection(credential=token, base_url=azure.url, allow_plain_http=True) as connection,
        AzureActs(connection) as acts,
    ):
        slack.workspace.is_rate_limited = False
        client = AsyncWebClient(slack.bot_token, base_url=slack.api_url)
        doors = Doors(
            database=database,
            inventory=inventory,
            book=load_book(),
            client=client,
            rules=rules,
            people=people_of(client),
        )
        story = story_of(doors, acts, QUICK)
        yield Told(azure, slack, doors, acts, story, sender_of(doors))

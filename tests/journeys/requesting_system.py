"""The running system where requests are made: rooms, people and rules for every journey.

Each resource group has its own rule and room, so that journeys do not wait for each other's
messages: one a second is Slack's pace in a channel.
"""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import psycopg

from bot.commands.manifest import manifest
from deploy.local.azure.server import AzureStandIn
from deploy.local.bot_process import BotProcess
from deploy.local.fleet.sample import sample_world
from deploy.local.slack import payloads
from deploy.local.slack.courier import Delivery, Outcome
from deploy.local.slack.people import ADA, BOT, DENNIS, GRACE, LINUS, OLU, TEAM, Channel, Person
from deploy.local.slack.standin import SlackStandIn
from deploy.local.slack.views import View
from deploy.local.slack.workspace import Message
from tests.journeys.running_system import (
    GRAPH,
    PATIENCE_SECONDS,
    QUERIES_AT_THE_START,
    SELDOM,
    Played,
    data_directory,
)

GUS = Person("U06GUS", "gus", "Gus Guest", "Contractor", is_guest=True)
STAFF = {ADA.id, GRACE.id, LINUS.id, GUS.id, BOT.id}
#: By their names, where the cards of which resource group go.
ROOMS = {
    "shop": ("C10SHOP", "rg-shop-prod"),
    "crowd": ("C11CROWD", "rg-erp-prod"),
    "office": ("C12OFFICE", "rg-office-prod"),
    "apps": ("C13APPS", "rg-app-a"),
    "data": ("C14DATA", "rg-data-prod"),
    "dev": ("C15DEV", "rg-dev"),
    "test": ("C16TEST", "rg-test"),
    "north": ("C17NORTH", "rg-data-neu"),
    "belgium": ("C18BELGIUM", "rg-be-prod"),
    "east": ("C19EAST", "rg-us-prod"),
}
#: Rooms without cards, for what is whispered to many at once.
CORNERS = [f"corner-{number}" for number in range(20)]
SETTINGS = """
[requests]
shortest_keep = "1m"

[requests.groups]
vm-approvers = "S01APPROVERS"

[requests.ask]
everybody = true

[requests.break_glass]
users = ["U02GRACE"]
channel = "C01OPS"
escalate_to = "C01OPS"

[[requests.rules]]
name = "network"
resource_groups = ["rg-network"]
channel = "C04PARTNER"
external_channel = true
approver_groups = ["vm-approvers"]
"""
_RULE = """
[[requests.rules]]
name = "{name}"
resource_groups = ["{group}"]
channel = "{channel}"
approver_groups = ["vm-approvers"]
"""
#: Nobody waits for what is only a setting.
PACE = {**SELDOM, "VMBACKUP_POLL_SECONDS": "0.1", "VMBACKUP_SWEEP_SECONDS": "0.5"}
REQUEST_ID = re.compile(r"r-[0-9a-f]{12}")
#: At the beginning or at the end of what is shown: a name between may hold another's id.
_ASKED = re.compile(r"^Request (r-[0-9a-f]{12}) |\((r-[0-9a-f]{12})\)\.")
Row = Mapping[str, Any]


class Requesting(Played):
    """The system with its database. `ask_for` types a command and gives the request's id."""

    def __init__(self, azure: AzureStandIn, slack: SlackStandIn, bot: BotProcess, url: str) -> None:
        super().__init__(azure, slack, bot)
        self.url, self._forms = url, 0

    # --- asking and pressing ------------------------------------------------------------------

    async def ask_for(self, words: str, user: str = "ada", channel: str = "#ops") -> str:
        shown = await self.say(words, user, channel)
        found = _ASKED.search(shown.text)
        assert found, shown.text
        return found[1] or found[2]

    async def card(self, request_id: str, button: str = "request:approve") -> Message:
        """The request's card, as soon as it has that button."""
        room = await self.until_row(
            "SELECT channel_id FROM requests WHERE id = %s AND channel_id <> ''", request_id
        )
        return await self.until_shown(
            room["channel_id"],
            lambda one: request_id in str(one.blocks) and button in str(one.blocks),
        )

    async def waiting(self, vm: str, reason: str = "before the update") -> tuple[str, Message]:
        """A request that waits for its approval, and its card."""
        request_id = await self.ask_for(f"snapshot {vm} {reason}")
        return request_id, await self.card(request_id)

    async def until_shown(self, channel: str, wanted: Any) -> Message:
        """The newest message of a channel that is wanted."""

        def found() -> list[Message]:
            return [one for one in self.slack.messages(channel) if wanted(one)]

        try:
            await self.slack.until(found, PATIENCE_SECONDS)
        except TimeoutError:
            said = "\n".join(one.text for one in self.slack.messages(channel)[-5:])
            raise AssertionError(f"Not shown in {channel}:\n{said}\n{self.log()[-2000:]}") from None
        return found()[-1]

    async def until_told(self, user: str, part: str, channel: str) -> Message:
        """What one person is told, in a channel or by a direct message."""
        who = self.slack.who(user)
        return await self.until_shown(
            channel, lambda one: part in one.text and one.only_for in (who, "")
        )

    # --- what Slack never sent ----------------------------------------------------------------

    async def forge(self, payload: Mapping[str, Any], kind: str = "interactive") -> Outcome:
        """Deliver anything at all, in Slack's envelope and with its signature."""
        await self.slack.until(
            lambda: self.slack.request_url or self.slack.sockets.count, PATIENCE_SECONDS
        )
        return await self.slack.courier.once(Delivery(kind, payload))

    def press_of(
        self, user_id: str, value: Any, card: Message | None, channel: str, **changed: Any
    ) -> dict[str, Any]:
        """A press of Approve with any value, under any message, anywhere."""
        room = self.slack.workspace.channel(self.slack.where(channel))
        person = self._somebody(user_id)
        action = {
            "type": "button",
            "action_id": "request:approve",
            "block_id": "b1",
            "action_ts": self.slack.workspace.new_ts(),
            "value": value,
        }
        under = card or Message(room.id, "1.000001", BOT.id, "", [])
        trigger_id = self.slack.tickets.new_trigger(person.id)
        body = payloads.block_actions(person, [action | changed], trigger_id=trigger_id, values={})
        return body | payloads.on_message(under, room, "")

    def command_of(self, user_id: str, text: str, channel: str = "#ops") -> dict[str, Any]:
        """A command as if somebody had typed it whom Slack would not let."""
        room = self.slack.workspace.channel(self.slack.where(channel))
        path = self.slack.tickets.new_address("commands", user_id, room.id, None)
        return payloads.slash_command(
            self._somebody(user_id),
            room,
            "/vmbackup",
            text,
            response_url=self.slack.people.url + path,
            trigger_id=self.slack.tickets.new_trigger(user_id),
        )

    def form_of(
        self, user_id: str, callback_id: str, metadata: str, values: Any, **changed: Any
    ) -> dict[str, Any]:
        """A form as if it had been sent, with anything in it."""
        self._forms += 1
        view_id = f"V{self._forms:08}"
        given = {
            "type": "modal",
            "callback_id": callback_id,
            "private_metadata": metadata,
            "blocks": [],
        }
        view = View(view_id, user_id, given, f"1.{self._forms}", view_id, values=values)
        trigger_id = self.slack.tickets.new_trigger(user_id)
        body = payloads.view_submission(self._somebody(user_id), view, trigger_id)
        return body | {"view": body["view"] | changed}

    def _somebody(self, user_id: str) -> Person:
        known = self.slack.workspace.people.get(user_id)
        return known or Person(user_id, "nobody", "Nobody", team=TEAM)

    # --- the database -------------------------------------------------------------------------

    async def rows(self, query: str, *values: Any) -> list[Row]:
        from psycopg.rows import dict_row

        async with (
            await psycopg.AsyncConnection.connect(self.url, autocommit=True) as connection,
            connection.cursor(row_factory=dict_row) as cursor,
        ):
            await cursor.execute(query.encode(), values)
            return await cursor.fetchall() if cursor.description else []

    async def until_row(self, query: str, *values: Any) -> Row:
        """The first row of a query, as soon as there is one."""
        for _ in range(int(PATIENCE_SECONDS / 0.05)):
            if rows := await self.rows(query, *values):
                return rows[0]
            await asyncio.sleep(0.05)
        raise AssertionError(f"No row of {query} {values}. {self.log()[-2000:]}")

    async def until_state(self, request_id: str, state: str) -> Row:
        return await self.until_row(
            "SELECT * FROM requests WHERE id = %s AND state = %s", request_id, state
        )

    async def button(self, request_id: str) -> str:
        """What the card's buttons carry now."""
        (row,) = await self.rows("SELECT button FROM requests WHERE id = %s", request_id)
        return str(row["button"])

    async def now(self) -> Any:
        """The database's time."""
        (row,) = await self.rows("SELECT clock_timestamp() AS now")
        return row["now"]

    async def until_answered(self, count: int, since: Any, *user_ids: str) -> None:
        """Until so many clicks of these people since then are judged, and none waits."""
        await self.until_row(
            "SELECT 1 FROM clicks WHERE user_id = ANY(%s) AND pressed_at > %s"
            " HAVING count(*) = %s AND count(*) = count(answered_at)",
            list(user_ids),
            since,
            count,
        )

    async def said_to(self, since: Any, *user_ids: str) -> dict[str, list[str]]:
        """What the outbox got since then for each of them alone, sent or not, in order."""
        rows = await self.rows(
            "SELECT user_id, message ->> 'text' AS text FROM messages WHERE kind = 'whisper'"
            " AND user_id = ANY(%s) AND not_before > %s ORDER BY id",
            list(user_ids),
            since,
        )
        return {who: [row["text"] for row in rows if row["user_id"] == who] for who in user_ids}

    # --- what was done ------------------------------------------------------------------------

    def acts(self) -> list[str]:
        """The requests to Azure that were no readings, by their operation."""
        from deploy.local.azure.access import reads_only
        from tests.journeys.running_system import TOKEN

        return [
            asked.name
            for asked in self.azure.requests
            if not reads_only(asked.method, asked.path) and asked.name != TOKEN
        ]

    async def audit_says(self, *words: str) -> str:
        """What `vmbackup audit` prints about the very database, beside the running bot."""

        def run() -> subprocess.CompletedProcess[str]:
            return subprocess.run(
                [sys.executable, "-m", "bot.cli", "audit", *words],
                env={**os.environ, "DATABASE_URL": self.url, "COLUMNS": "200"},
                capture_output=True,
                text=True,
                check=False,
            )

        done = await asyncio.to_thread(run)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def made_of(self, request_id: str) -> list[dict[str, Any]]:
        """The snapshots in Azure that carry the request's tag."""
        return [
            body
            for body in self.azure.world.of_type("Microsoft.Compute/snapshots")
            if (body.get("tags") or {}).get("vmbackup-request") == request_id
        ]

    def everything_shown(self) -> list[Message]:
        """All messages of the bot, in every channel."""
        return [
            one
            for channel in self.slack.workspace.messages.values()
            for one in channel.values()
            if one.is_the_bots
        ]


@asynccontextmanager
async def requesting(
    url: str, *, http: bool = False, more: Mapping[str, str] | None = None
) -> AsyncIterator[Requesting]:
    """The system over Socket Mode or signed HTTP, with a database of its own at `url`.

    `more`: variables of the bot's environment.
    """
    world = sample_world()
    world.pace = 0.0
    with data_directory() as data:
        settings = data / "vmbackup.toml"
        settings.write_text(_settings(), encoding="utf-8")
        async with (
            AzureStandIn(world) as azure,
            SlackStandIn(manifest("https://bot.example" if http else "")) as slack,
            BotProcess(
                azure,
                slack,
                data,
                "--settings",
                str(settings),
                settings={**PACE, "DATABASE_URL": url, **(more or {})},
            ) as bot,
        ):
            _furnish(slack)
            await bot.ready()
            found = Requesting(azure, slack, bot, url)
            await found.until_asked(GRAPH, QUERIES_AT_THE_START)
            yield found


def _settings() -> str:
    rules = (
        _RULE.format(name=name, group=group, channel=channel)
        for name, (channel, group) in ROOMS.items()
    )
    return SETTINGS + "".join(rules)


def _furnish(slack: SlackStandIn) -> None:
    """A guest, a deactivated approver, and the rooms."""
    workspace = slack.workspace
    workspace.is_rate_limited = False
    workspace.people[GUS.id] = GUS
    slack.set_group("grace", "linus", GUS.id, OLU.id, DENNIS.id, BOT.id)
    named = [(channel, name) for name, (channel, _) in ROOMS.items()]
    named += [(f"C{50 + number}CORNER", name) for number, name in enumerate(CORNERS)]
    for channel_id, name in named:
        workspace.channels[channel_id] = Channel(channel_id, name, set(STAFF))
        workspace.messages[channel_id] = {}
    workspace.channels["C01OPS"].members |= STAFF

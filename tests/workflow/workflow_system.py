"""The workflow at the wire: a real store, both stand-ins, and people who press buttons."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, LiteralString

from psycopg import sql
from slack_sdk.web.async_client import AsyncWebClient

from advisor.azure.connection import AzureConnection
from advisor.azure.live import LiveInventory
from advisor.errors import AzureUnreachable
from advisor.model import KnownVm
from advisor.prices.book import Book
from advisor.prices.saved import load_book
from advisor.prices.shipped import shipped_quotes
from advisor.prices.source import FixedPrices
from bot.azure.connection import AzureActs
from bot.commands.manifest import manifest
from bot.composition.actions import action_facts, action_rows
from bot.composition.request_parts import (
    CURRENCY,
    Connections,
    bounds_of,
    new_request_id,
    people_of,
    ports_of,
    sender_of,
    workflow_of,
)
from bot.database.opening import open_database
from bot.requests.action import Action
from bot.requests.approval.rules import RequestRules
from bot.requests.approval.rules_file import load_rules
from bot.requests.changes import Ask
from bot.requests.model import Click, ClickKind, Point, Requester, RequestPlan, Wish
from bot.requests.request import Request
from bot.requests.states import State
from bot.slack.outbox import Sender
from bot.slack.remembered import FRESH_SECONDS
from bot.workflow.planner import Planner
from bot.workflow.plans import PlansFromLedger
from bot.workflow.ports import MakesPlans, WorkflowPace
from bot.workflow.workflow import Workflow
from deploy.local.azure.graph.quota import Quota
from deploy.local.azure.server import AzureStandIn
from deploy.local.fleet.sample import sample_world
from deploy.local.slack.people import ADA, GRACE, TEAM
from deploy.local.slack.standin import SlackStandIn
from tests.standin.azure.running_azure import AsyncToken

SETTINGS = Path(__file__).parents[2] / "deploy" / "local" / "vmbackup.toml"
OPS = "C01OPS"
#: A lease outlasts a pause of the machine.
QUICK = WorkflowPace(look_again_seconds=0.02, patience_seconds=5.0, lease_seconds=60.0)


class CachedInventory:
    """An inventory that reads every VM once and remembers it."""

    def __init__(self, inventory: LiveInventory) -> None:
        self._inventory = inventory
        self._found: dict[str, KnownVm] = {}

    async def find(self, wanted: str, now: datetime) -> KnownVm:
        if wanted not in self._found:
            self._found[wanted] = await self._inventory.find(wanted, now)
        return self._found[wanted]


class PlansOnce:
    """Makes one plan; from then on Azure is away."""

    def __init__(self, plans: MakesPlans) -> None:
        self._plans: MakesPlans | None = plans

    async def plan(
        self, request: Request, revision: int, points: Sequence[Point], now: datetime
    ) -> RequestPlan:
        plans, self._plans = self._plans, None
        if plans is None:
            raise AzureUnreachable("the VM", "it is away.")
        return await plans.plan(request, revision, points, now)


@dataclass
class System:
    """The system without its processes: wake-ups are given by hand."""

    azure: AzureStandIn
    slack: SlackStandIn
    connections: Connections
    acts: AzureActs
    workflow: Workflow
    sender: Sender
    directory: Path
    inventory: CachedInventory
    presses: int = 0

    @property
    def store(self) -> Any:
        return self.connections.store

    def hold_rules(self, rules: RequestRules, pace: WorkflowPace = QUICK) -> None:
        """From now on these rules hold."""
        self.connections = Connections(
            database=self.connections.database,
            inventory=self.connections.inventory,
            prices=self.connections.prices,
            client=self.connections.client,
            rules=rules,
            people=people_of(self.connections.client, self.slack.clock.now),
        )
        self.workflow = workflow_of(self.connections, self.acts, pace)
        self.sender = sender_of(self.connections)

    def with_rules(self, text: str, pace: WorkflowPace = QUICK) -> None:
        """From now on the `[requests]` part of this text holds; Slack is read anew."""
        path = self.directory / "vmbackup.toml"
        path.write_text(text, encoding="utf-8")
        self.hold_rules(load_rules(path, action_facts()), pace)

    def start_new_worker(self, pace: WorkflowPace = QUICK) -> None:
        """Another worker takes over: it remembers nothing of Slack."""
        self.hold_rules(self.connections.rules, pace)

    def at_prices(self, factor: str) -> None:
        """From now on everything costs so many times as much."""
        dearer = [each._replace(amount=each.amount * Decimal(factor)) for each in shipped_quotes()]
        self.connections = replace(self.connections, prices=FixedPrices(Book(dearer)))
        self.start_new_worker()

    async def ask(
        self, vm: str = "web-01", user: str = ADA.id, by: Workflow | None = None, **wish: Any
    ) -> str:
        """Ask for an action and plan it; the request's id."""
        values = {"action": Action.SNAPSHOT, "vm": vm, "reason": "before a kernel update"} | wish
        request_id = new_request_id()
        requester = Requester(team_id=TEAM.id, user_id=user, user_name="somebody", channel_id=OPS)
        ask = Ask(id=request_id, requester=requester, wish=Wish(**values), content_key=request_id)
        await self.store.ask([ask])
        await (by or self.workflow).carry_on(request_id)
        return request_id

    async def press(
        self, request_id: str, kind: ClickKind, user: str, text: str = "", button: str = ""
    ) -> str:
        """Press a button of the card and judge the click; the click's id."""
        self.presses += 1
        click_id = f"click-{self.presses}"
        request = await self.get(request_id)
        click = Click(
            id=click_id,
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
        await self.workflow.judge(click.id)
        return click.id

    async def answer(self, click_id: str) -> str:
        """The answer to the person who pressed."""
        rows = await self.rows("SELECT message FROM messages WHERE key = %s", f"answer-{click_id}")
        (row,) = rows
        return str(row[0]["text"])

    async def approve(self, request_id: str, *users: str, begin: bool = True) -> None:
        """These persons approve (without names: one approver), and the worker begins."""
        for user in users or (GRACE.id,):
            await self.press(request_id, ClickKind.APPROVE, user)
        if begin:
            await self.workflow.carry_on(request_id)

    async def complete(self, vm: str = "web-01", **wish: Any) -> str:
        """Ask, approve and make; the request's id."""
        request_id = await self.ask(vm, **wish)
        await self.approve(request_id)
        request = await self.get(request_id)
        assert (request.state, request.why) == (State.DONE, "")
        return request_id

    def workflow_with(self, **changes: Any) -> Workflow:
        """A workflow with other ports in the place of some."""
        return Workflow(replace(ports_of(self.connections, self.acts, QUICK), **changes))

    def plans(self) -> PlansFromLedger:
        """For a world in which no VM changes: each is read once."""
        bounds = bounds_of(self.connections.rules)
        planner = Planner(self.inventory, self.connections.prices, bounds, action_rows(), CURRENCY)
        return PlansFromLedger(planner, self.store)

    # --- what the tests read and change -------------------------------------------------------

    async def rows(self, query: LiteralString, *values: Any) -> list[Any]:
        """Rows of the database."""
        async with self.connections.database.connection() as connection:
            return await (await connection.execute(query, values)).fetchall()

    async def execute(self, query: LiteralString, *values: Any) -> None:
        async with self.connections.database.connection() as connection:
            await connection.execute(query, values)

    async def later(self, request_id: str, by: timedelta) -> None:
        """Move every time of the request, in the database and the tags, back by this much."""
        times = ("asked_at", "decide_by", "approved_at", "begin_by", "finished_at", "expires_at")
        for name in (*times, "reminded_at", "look_by", "lease_until", "next_at", "not_before"):
            moved = sql.SQL("UPDATE requests SET {0} = {0} - %s WHERE id = %s")
            async with self.connections.database.connection() as connection:
                query = moved.format(sql.Identifier(name))
                await connection.execute(query, (by, request_id))
        await self.execute(
            "UPDATE points SET made_at = made_at - %s, expires_at = expires_at - %s"
            " WHERE request_id = %s",
            by,
            by,
            request_id,
        )
        await self.execute(
            "UPDATE steps SET body = jsonb_set(body, '{send,tags,vmbackup-expires}', to_jsonb("
            "to_char(((body #>> '{send,tags,vmbackup-expires}')::timestamptz - %s)"
            """ AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')))"""
            " WHERE request_id = %s AND body #> '{send,tags,vmbackup-expires}' IS NOT NULL",
            by,
            request_id,
        )
        for made in [*self.snapshots(request_id), *self.disks(request_id)]:
            if "vmbackup-expires" not in made["tags"]:
                continue
            until = datetime.fromisoformat(made["tags"]["vmbackup-expires"]) - by
            made["tags"]["vmbackup-expires"] = f"{until:%Y-%m-%dT%H:%M:%SZ}"

    def age_readings(self) -> None:
        """What Slack said until now is too old to decide by."""
        self.slack.clock.forward(FRESH_SECONDS)

    async def at_once(self, request_id: str) -> None:
        """Handle the request now: its wait is over, and the worker that had it is dead."""
        await self.execute(
            "UPDATE requests SET next_at = now(), lease_token = NULL, lease_until = NULL,"
            " not_before = NULL"
            " WHERE id = %s AND state IN ('planning', 'waiting', 'approved', 'running')",
            request_id,
        )
        await self.workflow.carry_on(request_id)

    async def notes(self, request_id: str) -> str:
        """All notes of the request, in its thread and to single people, as text."""
        rows = await self.rows(
            "SELECT message FROM messages WHERE request_id = %s AND message IS NOT NULL"
            " ORDER BY id",
            request_id,
        )
        return "\n".join(str(row[0]["text"]) for row in rows)

    async def of(self, request_id: str) -> list[str]:
        """The ids of the requests about this one, the oldest first."""
        rows = await self.rows(
            "SELECT id FROM requests WHERE of_request = %s ORDER BY asked_at", request_id
        )
        return [str(row[0]) for row in rows]

    async def sweep(self, request_id: str) -> list[str]:
        """Do what is due by itself, then work on the requests that came of it; their ids."""
        await self.workflow.look_after()
        for each in await self.of(request_id):
            await self.workflow.carry_on(each)
        return await self.of(request_id)

    async def reserved(self) -> Decimal:
        """The money that requests reserve at the moment."""
        rows = await self.rows(
            "SELECT coalesce(sum(amount), 0) FROM reservations WHERE given_back_at IS NULL"
        )
        return Decimal(rows[0][0])

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
        """The snapshots in Azure that carry the request's tag."""
        return self._made(request_id, "snapshots")

    def disks(self, request_id: str) -> list[dict[str, Any]]:
        """The disks in Azure that carry the request's tag."""
        return self._made(request_id, "disks")

    def _made(self, request_id: str, kind: str) -> list[dict[str, Any]]:
        return [
            body
            for body in self.azure.world.of_type(f"Microsoft.Compute/{kind}")
            if (body.get("tags") or {}).get("vmbackup-request") == request_id
        ]


@asynccontextmanager
async def open_system(database_settings: Any) -> AsyncIterator[System]:
    """A system with the sample fleet in Azure, where work takes no time."""
    world = sample_world()
    world.pace, world.retry_after_seconds = 0.0, 0
    world.part(Quota).most = 100_000  # Resource Graph's quota is tried elsewhere
    rules, token = load_rules(SETTINGS, action_facts()), AsyncToken(world)
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
        connections = Connections(
            database=database,
            inventory=inventory,
            prices=FixedPrices(load_book()),
            client=client,
            rules=rules,
            people=people_of(client, slack.clock.now),
        )
        workflow = workflow_of(connections, acts, QUICK)
        directory = database_settings.data_directory
        cached = CachedInventory(inventory)
        yield System(
            azure, slack, connections, acts, workflow, sender_of(connections), directory, cached
        )

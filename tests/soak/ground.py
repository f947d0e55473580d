"""Where the soak plays: the demo's fleet and people, with a channel for each resource group.

One message a second is Slack's pace in a channel; with one channel the soak would measure that.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from bot.database.embedded import EmbeddedPostgres
from deploy.local.azure.graph.quota import QUERIES_A_WINDOW, Quota
from deploy.local.azure.server import AzureStandIn
from deploy.local.azure.world import Body, World
from deploy.local.bot_process import BotProcess
from deploy.local.database_clock import make_movable, move_forward
from deploy.local.demo import MANIFEST
from deploy.local.fleet.sample import sample_world
from deploy.local.slack.courier import Delivery, Outcome, Transport
from deploy.local.slack.manifest import read_manifest
from deploy.local.slack.people import BOT, Channel, Person
from deploy.local.slack.standin import SlackStandIn
from deploy.local.slack.workspace import Workspace
from tests.chaos.blows import Noticing
from tests.databases import Served
from tests.soak.measures import Stopwatch
from tests.soak.weather import NAMES

#: VMs whose disks can be taken, each alone in the soak, with their resource groups.
VMS = {
    "build-07": "rg-build",
    "dev-03": "rg-dev",
    "dev-04": "rg-dev",
    "dev-05": "rg-dev",
    "test-01": "rg-test",
    "test-02": "rg-test",
    "crm-01": "rg-app-a",
    "orders-01": "rg-app-a",
    "portal-01": "rg-be-prod",
    "db-01": "rg-data-neu",
    "pg-01": "rg-data-neu",
    "erp-01": "rg-erp-prod",
    "mail-01": "rg-office-prod",
    "wiki-01": "rg-office-prod",
    "web-01": "rg-shop-prod",
    "web-02": "rg-shop-prod",
    "store-us-01": "rg-us-prod",
}
ENGINEERS, APPROVERS = 10, 3
KEEP = "1m"
#: How long Azure's work takes, as a share of what the demo shows.
_PACE = 0.1
_RULES = """
[requests]
shortest_keep = "1m"

[requests.groups]
vm-approvers = "S01APPROVERS"

[requests.ask]
everybody = true
"""
_RULE = """
[[requests.rules]]
name = "{group}"
resource_groups = ["{group}"]
channel = "{channel}"
approver_groups = ["vm-approvers"]
wait = "8h"
"""


def channel_of(group: str) -> str:
    """The id of the channel of a resource group."""
    return f"C20{group.removeprefix('rg-').replace('-', '').upper()}"


def engineer(number: int) -> str:
    return f"U20ENGINEER{number}"


def desk(number: int) -> str:
    """The channel in which nobody types but that engineer."""
    return f"C21DESK{number}"


def approver(number: int) -> str:
    return f"U21APPROVER{number}"


class Made(dict[str, Body]):
    """The world's resources, and each that came to be, as often as it did."""

    def __init__(self, found: dict[str, Body]) -> None:
        super().__init__(found)
        self.came: list[Body] = []

    def __setitem__(self, key: str, body: Body) -> None:
        if key not in self:
            self.came.append(body)
        super().__setitem__(key, body)


@dataclass
class Timed:
    """Slack's transport with a clock: how long each delivery took to its acknowledgement."""

    transport: Transport
    watch: Stopwatch

    async def deliver(self, delivery: Delivery) -> Outcome:
        with self.watch.running() as measured:
            outcome = await self.transport.deliver(delivery)
            measured.is_good = not outcome.why
        return outcome


@dataclass
class Ground:
    """Everything that runs while the soak does."""

    azure: AzureStandIn
    slack: SlackStandIn
    bot: BotProcess
    database: Served
    made: Made
    acknowledged: Stopwatch
    met: Counter[str]  #: faults, by their names

    def forward(self, by: timedelta) -> None:
        """Move every clock: the database's, Azure's and Slack's."""
        move_forward(self.database.connection_keywords, by)
        self.azure.world.forward(by)
        self.slack.clock.forward(by.total_seconds())


@asynccontextmanager
async def on_ground(home: Path) -> AsyncIterator[Ground]:
    """One bot, listener and worker, on a database of its own, connected and with nothing to do."""
    world, made = _world()
    rules = home / "vmbackup.toml"
    home.mkdir(parents=True, exist_ok=True)
    home.chmod(0o755)  # under root the server runs as somebody else
    rules.write_text(_RULES + "".join(_rule(group) for group in _groups()), encoding="utf-8")
    async with EmbeddedPostgres(home / "postgresql") as server:
        database = Served(server.connection_keywords)
        met: Counter[str] = Counter()
        azure, slack = AzureStandIn(world), SlackStandIn(read_manifest(MANIFEST))
        azure.faults = slack.faults = Noticing(lambda fault: met.update([NAMES[id(fault)]]))
        _furnish(slack)
        settings = {"DATABASE_URL": database.url, "VMBACKUP_NAMES_SECONDS": "60"}
        words = ("--settings", str(rules))
        async with (
            azure,
            slack,
            BotProcess(azure, slack, home / "bot", *words, settings=settings) as bot,
        ):
            watch = Stopwatch()
            slack.courier.transport = Timed(slack.courier.transport, watch)
            await bot.ready()
            make_movable(database.connection_keywords)
            yield Ground(azure, slack, bot, database, made, watch, met)


def _groups() -> Sequence[str]:
    return tuple(dict.fromkeys(VMS.values()))


def _rule(group: str) -> str:
    return _RULE.format(group=group, channel=channel_of(group))


def _world() -> tuple[World, Made]:
    world = sample_world()
    world.pace = _PACE
    world.part(Quota).most = QUERIES_A_WINDOW * 1000  # a 429 is weather, not the harness's haste
    made = Made(world.resources)
    world.resources = made
    return world, made


def _furnish(slack: SlackStandIn) -> None:
    """The people and their channels; Slack's limits come as weather, too."""
    workspace = slack.workspace
    workspace.is_rate_limited = False
    people = [engineer(number) for number in range(ENGINEERS)]
    people += [approver(number) for number in range(APPROVERS)]
    for each in people:
        workspace.people[each] = Person(each, each.lower(), each.title())
    slack.set_group(*(approver(number) for number in range(APPROVERS)))
    for group in _groups():
        _open(workspace, channel_of(group), f"soak-{group}", people)
    for number in range(ENGINEERS):
        _open(workspace, desk(number), f"desk-{number}", [engineer(number)])


def _open(workspace: Workspace, channel_id: str, name: str, people: Sequence[str]) -> None:
    workspace.channels[channel_id] = Channel(channel_id, name, {*people, BOT.id})
    workspace.messages[channel_id] = {}


def vmbackup_tag(body: Body) -> str:
    """The request that a resource says it is of; empty for one that is nobody's."""
    tags: dict[str, Any] = body.get("tags") or {}
    return str(tags.get("vmbackup-request", ""))

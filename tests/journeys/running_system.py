"""The whole system as the journeys meet it: both stand-ins here, the bot a process of its own."""

from __future__ import annotations

import asyncio
import re
import shutil
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.commands.manifest import manifest
from deploy.local.azure.access import reads_only
from deploy.local.azure.graph.quota import QUERIES_A_WINDOW, Quota
from deploy.local.azure.server import AzureStandIn
from deploy.local.azure.world import World
from deploy.local.bot_process import BotProcess
from deploy.local.demo import system
from deploy.local.faults import Fault
from deploy.local.fleet.compute import compute_id, snapshot_body
from deploy.local.fleet.sample import sample_world
from deploy.local.fleet.sample_vms import PRODUCTION
from deploy.local.slack.standin import SlackStandIn
from deploy.local.slack.workspace import Message
from tests.places import open_to_others

GRAPH, METRICS, TOKEN = "ResourceGraph_Resources", "Metrics_List", "Identity_AppServiceToken"
RESPONSE, EPHEMERAL = "response_url", "chat.postEphemeral"
#: The answer is there within a second; a loaded machine may take longer.
PATIENCE_SECONDS = 30.0
_LOOK_AGAIN_SECONDS = 0.01
#: After so long without a look this loop may have stood still; the bot pings every four seconds.
_STILL_SECONDS = 3.0
_SETTLED_SECONDS = 0.1
#: Which of the three queries a request brings, by the first type that it names.
_QUERIES = {
    "virtualmachines": "the VM",
    "vaults/backupfabrics": "protection",
    "snapshots": "points",
}
_FIRST_TYPE = re.compile(rb"type in~ \('microsoft\.\w+/([\w/]+)'")
#: At its start the bot reads the names of all VMs and compares its ledger with Azure.
QUERIES_AT_THE_START = 2
#: Then it reads the names so seldom that no test counts or breaks that query.
SELDOM = {"VMBACKUP_NAMES_SECONDS": "3600"}
#: More than a page of Resource Graph's answer holds.
MANY = 1100
MUCH_SNAPSHOT = "web-03"


@dataclass(frozen=True)
class Exchange:
    """A command: what was shown at once, what came later, and how long that took."""

    acknowledged: Message
    answer: Message
    seconds: float


class Played:
    """The running system. `ask` types a command as Ada in #ops and waits for its answer."""

    def __init__(self, azure: AzureStandIn, slack: SlackStandIn, bot: BotProcess) -> None:
        self.azure, self.slack, self.bot = azure, slack, bot
        self._looked_at = time.monotonic()

    async def say(self, words: str, user: str = "ada", channel: str = "#ops") -> Message:
        """Type a command; what is shown at once.

        Between tests this loop stands still and Slack with it, which the bot takes for a broken
        connection: it is given the time to come back.
        """
        if not self.slack.request_url and time.monotonic() - self._looked_at > _STILL_SECONDS:
            await self.connected_again()
        acted = await self.slack.type_command(user, channel, f"/vmbackup {words}".rstrip())
        self._looked_at = time.monotonic()
        assert not acted.problem, f"{acted.problem} {self.log()}"
        assert acted.message is not None
        return acted.message

    async def connected_again(self) -> None:
        """Until connections are neither lost nor made: the SDK may open two in a row."""
        sockets, calls = self.slack.sockets, -1
        for _ in range(20):
            await self.slack.until(lambda: sockets.count == 1, PATIENCE_SECONDS)
            await asyncio.sleep(_SETTLED_SECONDS)
            now = len(self.slack.called("apps.connections.open"))
            if sockets.count == 1 and now == calls:
                return
            calls = now
        raise TimeoutError("The bot goes on opening connections.")

    async def ask(self, words: str, user: str = "ada", channel: str = "#ops") -> Exchange:
        before, began = {each.ts for each in self.slack.messages(channel)}, time.monotonic()
        shown = await self.say(words, user, channel)
        (answer,) = await self.until_there(before | {shown.ts}, channel)
        return Exchange(shown, answer, time.monotonic() - began)

    async def until_there(
        self, before: set[str], channel: str = "#ops", count: int = 1
    ) -> Sequence[Message]:
        """So many messages more than those."""
        await self.slack.until(lambda: len(self.new(before, channel)) >= count, PATIENCE_SECONDS)
        self._looked_at = time.monotonic()
        return self.new(before, channel)

    def new(self, before: set[str], channel: str = "#ops") -> list[Message]:
        return [each for each in self.slack.messages(channel) if each.ts not in before]

    def seen(self, channel: str = "#ops") -> set[str]:
        """The messages that are there now."""
        return {each.ts for each in self.slack.messages(channel)}

    def put(self, *faults: Fault) -> None:
        """Faults that Azure meets requests with, from now on."""
        for fault in faults:
            self.azure.faults.add(fault)

    async def until_asked(self, name: str, count: int) -> None:
        """Until so many requests of an operation have reached Azure."""
        looks = int(PATIENCE_SECONDS / _LOOK_AGAIN_SECONDS)
        for _ in range(looks):
            if self.azure.counts[name] >= count:
                return
            await asyncio.sleep(_LOOK_AGAIN_SECONDS)
        raise TimeoutError(f"{name} was asked {self.azure.counts[name]} times, not {count}.")

    def queries(self) -> list[str]:
        """What each Resource Graph query so far was about, in the order of their arrival."""
        return [_about(asked.body) for asked in self.azure.asked(GRAPH)]

    def log(self) -> str:
        return self.bot.log.read_text(encoding="utf-8", errors="replace")

    def clear(self) -> None:
        """No faults, nothing counted, and a quota that is not used up by earlier journeys."""
        self.azure.faults.clear()
        self.slack.faults.clear()
        self.azure.forget()
        self.azure.world.part(Quota).most = QUERIES_A_WINDOW * 1000
        self.slack.workspace.is_rate_limited = False

    def changed_nothing(self) -> bool:
        """Whether the bot only read from Azure."""
        return all(
            reads_only(asked.method, asked.path) or asked.name == TOKEN
            for asked in self.azure.requests
        )


def _about(body: bytes) -> str:
    found = _FIRST_TYPE.search(body)
    kind = found[1].decode() if found else ""
    return next((said for part, said in _QUERIES.items() if kind.startswith(part)), "names")


@asynccontextmanager
async def played(*, http: bool = False) -> AsyncIterator[Played]:
    """The system over Socket Mode, or over signed HTTP."""
    app = manifest("https://bot.example") if http else None
    with data_directory() as data:
        async with system(journeys_world(), data, manifest=app, settings=SELDOM) as (
            azure,
            slack,
            bot,
        ):
            await bot.ready()
            found = Played(azure, slack, bot)
            await found.until_asked(GRAPH, QUERIES_AT_THE_START)
            yield found


@contextmanager
def data_directory() -> Iterator[Path]:
    """A new directory that others may enter, as the embedded database wants it under root."""
    made = open_to_others("vmbackup-")
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


def journeys_world() -> World:
    """The sample fleet, where one VM has more snapshots than a page holds."""
    world = sample_world()
    disks = [
        body
        for body in world.of_type("Microsoft.Compute/disks")
        if str(body.get("managedBy", "")).endswith(f"/{MUCH_SNAPSHOT}")
    ]
    for number in range(MANY):
        arm_id = compute_id(PRODUCTION, "rg-many", "snapshots", f"s-{number:04}")
        disk = disks[number % len(disks)]
        world.put(snapshot_body(arm_id, disk["location"], disk, world.now))
    return world


def of_the_bot(messages: Sequence[Message]) -> list[Message]:
    return [each for each in messages if each.is_the_bots]


def texts(message: Message, wanted: Callable[[dict[str, object]], bool] | None = None) -> list[str]:
    """Every text of a message's blocks; with `wanted`, of those objects that it takes."""
    found: list[str] = []

    def walk(value: object) -> None:
        if isinstance(value, dict):
            text = value.get("text")
            if isinstance(text, str) and (wanted is None or wanted(value)):
                found.append(text)
            for inner in value.values():
                walk(inner)
        elif isinstance(value, list):
            for inner in value:
                walk(inner)

    walk(message.blocks)
    return found

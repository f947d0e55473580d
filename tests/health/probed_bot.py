"""A bot in a process of its own at the stand-ins, with its probes asked over the wire."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import aiohttp
import psycopg
from psycopg.conninfo import make_conninfo

from deploy.local.azure.server import AzureStandIn
from deploy.local.bot_process import BotProcess, free_port
from deploy.local.demo import MANIFEST, SETTINGS
from deploy.local.fleet.sample import sample_world
from deploy.local.slack.manifest import read_manifest
from deploy.local.slack.standin import SlackStandIn
from tests.databases import Served

PATIENCE_SECONDS = 60.0
_LOOK_AGAIN_SECONDS = 0.2


@dataclass
class Probed:
    azure: AzureStandIn
    slack: SlackStandIn
    bot: BotProcess
    database: Served
    address: str

    async def get(self, path: str) -> tuple[int, Any]:
        """Status and body: JSON, or the text of the metrics."""
        async with aiohttp.ClientSession() as session, session.get(self.address + path) as answer:
            text = await answer.text()
            is_json = answer.content_type == "application/json"
            return answer.status, (await answer.json() if is_json else text)

    async def until(self, path: str, is_wanted: Callable[[int, Any], bool]) -> Any:
        """Ask until the answer is as wanted; a bot that just started has no port yet."""
        said: Any = None
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                try:
                    status, said = await self.get(path)
                    if is_wanted(status, said):
                        return said
                except aiohttp.ClientConnectorError:
                    pass
                await asyncio.sleep(_LOOK_AGAIN_SECONDS)

    async def ready(self) -> None:
        await self.until("/readyz", lambda status, _: status == 200)

    async def not_ready(self, part: str) -> str:
        said = await self.until("/readyz", lambda status, said: part in said["not_ready"])
        return str(said["not_ready"][part])

    async def figure(self, series: str) -> float:
        """The value of one series, by its name and labels as Prometheus writes them."""
        _, text = await self.get("/metrics")
        found = [line for line in text.splitlines() if line.startswith(f"{series} ")]
        return float(found[0].rpartition(" ")[2]) if found else float("nan")

    async def until_figure(
        self,
        series: str,
        is_wanted: Callable[[float], bool],
        each_time: Callable[[], object] = lambda: None,
    ) -> float:
        """Scrape until a series is as wanted; `each_time` is called before each scrape."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not is_wanted(found := await self.figure(series)):
                each_time()
                await asyncio.sleep(_LOOK_AGAIN_SECONDS)
        return found

    def on_server(self, *statements: str) -> None:
        """As the server's superuser, from another database."""
        elsewhere = {**self.database.connection_keywords, "dbname": "template1"}
        with psycopg.connect(make_conninfo(**elsewhere), autocommit=True) as connection:
            for each in statements:
                connection.execute(each.encode())

    def take_database_away(self) -> None:
        name = self.database.connection_keywords["dbname"]
        self.on_server(
            f"ALTER DATABASE {name} ALLOW_CONNECTIONS false",
            f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'",
        )

    def bring_database_back(self) -> None:
        name = self.database.connection_keywords["dbname"]
        self.on_server(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")

    def on_database(self, statement: str) -> None:
        with psycopg.connect(make_conninfo(**self.database.connection_keywords)) as connection:
            connection.execute(statement.encode())

    def shown_by(self, statement: str) -> list[tuple[Any, ...]]:
        """The rows of a statement on the bot's database."""
        with psycopg.connect(make_conninfo(**self.database.connection_keywords)) as connection:
            return connection.execute(statement.encode()).fetchall()

    @contextmanager
    def locked(self, table: str) -> Iterator[int]:
        """Somebody's session that lets nobody else into a table, by its process on the server."""
        keywords = self.database.connection_keywords
        connection = psycopg.connect(make_conninfo(**keywords))
        try:
            connection.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE".encode())
            yield connection.info.backend_pid
        finally:
            connection.close()


@asynccontextmanager
async def beside(first: Probed, folder: Path, *arguments: str) -> AsyncIterator[Probed]:
    """One more process of the same bot, at the same stand-ins and on the same database."""
    port = free_port()
    variables = {
        "DATABASE_URL": first.database.url,
        "VMBACKUP_HEALTH_ADDRESS": f"127.0.0.1:{port}",
    }
    words = ("--settings", str(SETTINGS), *arguments)
    async with BotProcess(first.azure, first.slack, folder, *words, settings=variables) as bot:
        yield replace(first, bot=bot, address=f"http://127.0.0.1:{port}")


@asynccontextmanager
async def probed(
    folder: Path,
    database: Served,
    *arguments: str,
    settings: Mapping[str, str] | None = None,
) -> AsyncIterator[Probed]:
    """Started, and not waited for; `settings` are more variables of its environment."""
    port = free_port()
    variables = {
        "DATABASE_URL": database.url,
        "VMBACKUP_HEALTH_ADDRESS": f"127.0.0.1:{port}",
        **(settings or {}),
    }
    async with (
        AzureStandIn(sample_world()) as azure,
        SlackStandIn(read_manifest(MANIFEST)) as slack,
        BotProcess(
            *(azure, slack, folder, "--settings", str(SETTINGS), *arguments), settings=variables
        ) as bot,
    ):
        yield Probed(azure, slack, bot, database, f"http://127.0.0.1:{port}")

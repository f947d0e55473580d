"""Both stand-ins and a database, and the doctor asked about them in this process."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bot.composition.doctor import Asked, examined
from bot.composition.process import ProcessPart
from bot.doctor.finding import Examined, Row
from deploy.local.azure.identity import OPERATOR, Grant, SignIn
from deploy.local.azure.metadata import subscription_ids
from deploy.local.azure.server import AzureStandIn
from deploy.local.bot_process import bot_environment
from deploy.local.demo import MANIFEST, SETTINGS
from deploy.local.fleet.sample import sample_world
from deploy.local.slack.manifest import read_manifest
from deploy.local.slack.standin import SlackStandIn
from tests.databases import Served


@dataclass
class Ailing:
    """A system in which a test breaks one thing. `variables` are of the bot's environment."""

    azure: AzureStandIn
    slack: SlackStandIn
    folder: Path
    database: Served
    settings_file: Path = SETTINGS
    over_http: bool = False
    only: ProcessPart | None = None
    variables: dict[str, str | None] = field(default_factory=dict)

    def settings(self, text: str) -> None:
        """Another settings file."""
        self.settings_file = self.folder / "vmbackup.toml"
        self.settings_file.write_text(text, encoding="utf-8")

    def without_action(self, *actions: str, scopes: tuple[str, ...] = ()) -> None:
        """Take actions off the identity's role, at every subscription or at those scopes."""
        every = [f"/subscriptions/{each}" for each in subscription_ids(self.azure.world)]
        self.azure.world.part(SignIn).grants[OPERATOR.client_id] = tuple(
            Grant(scope, ("*",), actions if scope in scopes or not scopes else ())
            for scope in every
        )

    def environment(self) -> Mapping[str, str]:
        found = bot_environment(self.azure, self.slack, self.folder / "data", os.environ)
        found |= {"DATABASE_URL": self.database.url, "VMBACKUP_REGION": "norwayeast"}
        for name, value in self.variables.items():
            if value is None:
                found.pop(name)
            else:
                found[name] = value
        return found

    async def examined(self, monkeypatch: pytest.MonkeyPatch) -> tuple[Examined, tuple[str, ...]]:
        """What the doctor finds, and the secrets that it may not show."""
        with monkeypatch.context() as patched:
            for name in set(os.environ) - set(self.environment()):
                patched.delenv(name)
            for name, value in self.environment().items():
                patched.setenv(name, value)
            return await examined(Asked(str(self.settings_file), self.over_http, self.only))


@asynccontextmanager
async def ailing(folder: Path, database: Served) -> AsyncIterator[Ailing]:
    """Nothing is broken yet."""
    async with (
        AzureStandIn(sample_world()) as azure,
        SlackStandIn(read_manifest(MANIFEST)) as slack,
    ):
        yield Ailing(azure, slack, folder, database)


def of(found: Examined, name: str) -> list[Row]:
    """The rows of one check."""
    return [row for row in found.rows if row.check.name == name]

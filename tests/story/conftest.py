"""The story's fixtures: a system of its own for each test, on a database of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from pydantic import SecretStr

from tests.conftest import Served
from tests.story.told import Told, told


@dataclass(frozen=True)
class _Settings:
    database_url: SecretStr
    data_directory: Path


@pytest.fixture
async def tale(served: Served, tmp_path: Path) -> AsyncIterator[Told]:
    async with told(_Settings(SecretStr(served.url), tmp_path)) as system:
        yield system

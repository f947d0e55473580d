"""What the tests of alerts do to a bot: old prices, a scrape, and what an entry says to run."""

from __future__ import annotations

import re
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import pytest

from advisor.prices.book import PriceListPart
from advisor.prices.quote import Quote
from advisor.prices.saved import SAVED_NAME, SavedPart, part_of, write_parts
from advisor.prices.shipped import shipped_quotes
from tests.alerts.told_to_prometheus import Scrape, firing
from tests.docs.tables import ROOT
from tests.health.probed_bot import Probed

NEEDS_PROMTOOL = pytest.mark.skipif(
    shutil.which("promtool") is None, reason="promtool is not here (Debian: prometheus)"
)
RUNBOOK = (ROOT / "docs" / "runbook.md").read_text(encoding="utf-8")


def save_prices(folder: Path, age: timedelta) -> None:
    """Every price of the book, as if it had been fetched so long ago, where the bot looks."""
    fetched_at = datetime.now(UTC) - age
    found: dict[PriceListPart, list[Quote]] = {}
    for quote in shipped_quotes():
        found.setdefault(part_of(quote), []).append(quote)
    parts = [
        SavedPart(part, fetched_at, "https://prices.example", tuple(quotes))
        for part, quotes in found.items()
    ]
    write_parts(folder / "prices" / SAVED_NAME, parts)


async def scraped(*bots: Probed) -> dict[str, str | None]:
    """What each process answers to Prometheus now; None where it does not answer."""
    found: dict[str, str | None] = {}
    for number, each in enumerate(bots):
        try:
            _, found[f"bot-{number}"] = await each.get("/metrics")
        except aiohttp.ClientConnectorError:
            found[f"bot-{number}"] = None
    return found


def firing_around(alert: str, folder: Path, *scrapes: Scrape) -> None:
    """Hold that the alert fires during the fault, and none before it or after it.

    The scrapes: where counters begin, if they matter, then before, during and after the fault.
    """
    before, during, after = firing(scrapes, folder)[-3:]
    assert (before, after) == (set(), set()), (before, after)
    assert alert in during, during


def entry(alert: str) -> str:
    """What the runbook says about an alert."""
    found = re.search(rf"^## {alert}\n(.*?)(?=^## )", RUNBOOK, re.MULTILINE | re.DOTALL)
    assert found, alert
    return found[1]


def says_to(alert: str, *words: str) -> None:
    """Hold that the entry says to do what a test does to end the alert."""
    do = " ".join(entry(alert).partition("**Do.**")[2].split())
    for each in words:
        assert each in do, (alert, each)


def shown(alert: str) -> list[str]:
    """The commands and statements that the entry shows in blocks of their own."""
    return re.findall(r"^```\w+\n(.*?)^```", entry(alert), re.MULTILINE | re.DOTALL)

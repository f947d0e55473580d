"""A fleet read from the played Azure, and its report: what the tests of fleets share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from advisor.azure.kept_pages import KeptPages
from advisor.azure.live import LiveInventory
from advisor.fleet.report import fleet_report, fleet_rows
from advisor.inventory.estate import Estate
from advisor.inventory.resource_graph import queries
from advisor.model.fleet import FleetReport, FleetRow
from advisor.needs import Tiers
from advisor.prices.pricing import Pricer
from advisor.prices.shipped import shipped_book
from deploy.local.azure.server import AzureStandIn
from tests.standin.azure.running_azure import AsyncToken


class Reported(NamedTuple):
    """The rows by VM's `group/name`, and the report."""

    rows: Mapping[str, FleetRow]
    report: FleetReport


def live(azure: AzureStandIn, tries: int = 3) -> LiveInventory:
    return LiveInventory(
        credential=AsyncToken(azure.world),
        base_url=azure.url,
        allow_plain_http=True,
        answer_seconds=120,
        tries=tries,
    )


async def read(
    azure: AzureStandIn,
    kept: KeptPages | None = None,
    tries: int = 3,
    now: datetime | None = None,
) -> Estate:
    async with live(azure, tries) as inventory:
        return await inventory.everything(now or azure.world.now, kept)


def reported(estate: Estate, now: datetime, currency: str = "USD") -> Reported:
    pricer = Pricer(shipped_book(), currency, now.date())
    rows = list(fleet_rows(estate.fleet.vms, currency, Tiers(), pricer, now))
    report = fleet_report(rows, estate, pricer, now, lambda row: row.region)
    return Reported({f"{row.group}/{row.name}": row for row in rows}, report)


def asked_parts() -> Sequence[str]:
    """What the whole reading calls its three queries."""
    return [query.what for query in queries(None)]

"""The page of a fleet in Chromium: how soon something is seen, and how soon a filter answers."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from advisor.fleet.cores import Work, advised
from advisor.fleet.report import fleet_report
from advisor.inventory.coverage import InventoryRead
from advisor.inventory.estate import Estate
from advisor.inventory.find import Fleet
from advisor.inventory.joining import Resources
from advisor.needs import Tiers
from advisor.present.fleet_html import FleetColumns, fleet_html
from advisor.prices.pricing import Pricer
from advisor.prices.shipped import shipped_book
from tests.bench.fleet import NOW, fleet
from tests.browser.chromium import NOT_FOUND, chromium, chromium_path

#: So many VMs are advised on; their rows stand in the page again and again, with other names.
ADVISED = 2_000
FILTERS = ("vm-01", "vm-012", "vm-0123", "eastus", "rg-42", "")
#: What the project wants of itself, in milliseconds.
AIM_CONTENT, AIM_FILTER = 1_000, 100

_PAINT = "performance.getEntriesByName('first-contentful-paint').map(each => each.startTime)"
#: From the key that is pressed to the frame that shows what it chose.
_FILTER = """async text => {
  const field = document.querySelector('input[type=search]');
  const begun = performance.now();
  field.value = text;
  field.dispatchEvent(new Event('input', { bubbles: true }));
  await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
  return performance.now() - begun;
}"""


def figures(count: int) -> dict[str, Any] | None:
    """In milliseconds; None where there is no Chromium."""
    path = chromium_path()
    if path is None:
        return None
    with TemporaryDirectory() as folder:
        page = Path(folder) / "fleet.html"
        page.write_text(_page(count), encoding="utf-8")
        size = page.stat().st_size
        return {"vms": count, "mib": round(size / 2**20, 1), **asyncio.run(_opened(path, page))}


def _page(count: int) -> str:
    vms = fleet(min(count, ADVISED))
    rows = list(advised(vms, Work("USD", Tiers(), shipped_book(), NOW)))
    columns = FleetColumns()
    many = (
        row._replace(name=f"vm-{number:06}", vm_id=f"{row.vm_id}-{number}")
        for number in range(count)
        for row in [rows[number % len(rows)]]
    )
    estate = Estate(Fleet(tuple(vms)), Resources(), InventoryRead())
    pricer = Pricer(shipped_book(), "USD", NOW.date())
    return fleet_html(
        fleet_report(columns.passing(many), estate, pricer, NOW), columns, Decimal(24)
    )


async def _opened(path: str, page_file: Path) -> dict[str, Any]:
    async with chromium(path) as browser:
        page = await browser.new_page(viewport={"width": 1280, "height": 900})
        await page.goto(page_file.as_uri())
        await page.locator("html[data-ready=yes]").wait_for(timeout=120_000)
        ready = await page.evaluate("performance.now()")
        [content] = await page.evaluate(_PAINT)
        filters = [await page.evaluate(_FILTER, text) for text in FILTERS]
    return {
        "content_milliseconds": round(content),
        "ready_milliseconds": round(ready),
        "filter_milliseconds": round(median(filters)),
        "slowest_filter_milliseconds": round(max(filters)),
    }


def told(found: dict[str, Any] | None) -> list[str]:
    """The figures for people."""
    if found is None:
        return [f"The page of a fleet: not measured. {NOT_FOUND}"]
    return [
        f"{found['vms']:>9,} VMs in a page of {found['mib']:.1f} MiB: first content after"
        f" {found['content_milliseconds']} ms (aim: {AIM_CONTENT}), all of it after"
        f" {found['ready_milliseconds']} ms; a filter in {found['filter_milliseconds']} ms, the"
        f" slowest in {found['slowest_filter_milliseconds']} ms (aim: {AIM_FILTER})"
    ]

"""The page that `vmbackup fleet --html` writes, in a browser, from a file and without a network."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from advisor.fleet.report import fleet_report, fleet_rows
from advisor.fleet.sums import grouping
from advisor.fleet.top import bought_for, need_hours
from advisor.inventory.coverage import InventoryRead
from advisor.inventory.estate import Estate
from advisor.inventory.find import Fleet
from advisor.inventory.joining import Resources
from advisor.model import StateNow
from advisor.model.fleet import FleetReport
from advisor.needs import Tiers
from advisor.present.fleet_html import FleetColumns, fleet_html
from advisor.prices.pricing import Pricer
from advisor.prices.shipped import shipped_book
from tests.bench.fleet import NOW, fleet

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page

pytestmark = pytest.mark.asyncio(loop_scope="session")

BUDGET_USD = Decimal(400)
EVIL = "<img src=x onerror=alert(1)>"
#: Where the pictures stay, for whoever wants to look.
PICTURES = Path(__file__).parents[2] / ".pictures"


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, FleetReport]:
    """The page of 300 VMs, one of them with a name that wants to be markup."""
    vms = fleet(300)
    vms[0] = replace(vms[0], vm=replace(vms[0].vm, name=EVIL))
    pricer = Pricer(shipped_book(), "USD", NOW.date())
    columns = FleetColumns()
    rows = list(columns.passing(fleet_rows(vms, "USD", Tiers(), pricer, NOW)))
    estate = Estate(Fleet(tuple(vms)), Resources(), InventoryRead())
    report = fleet_report(rows, estate, pricer, NOW, grouping("region"))
    path = tmp_path_factory.mktemp("report") / "fleet.html"
    bought = bought_for(rows, BUDGET_USD)
    path.write_text(fleet_html(report, columns, need_hours(Tiers()), bought), encoding="utf-8")
    return path, report


@asynccontextmanager
async def opened(
    browser: Browser, path: Path, *, dark: bool = False, width: int = 1280
) -> AsyncIterator[Page]:
    """The page; it complained of nothing and asked for nothing but itself."""
    context = await browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme="dark" if dark else "light",
        offline=True,
    )
    page = await context.new_page()
    complaints: list[str] = []
    asked: list[str] = []
    page.on("console", lambda said: complaints.append(said.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("dialog", lambda dialog: complaints.append(dialog.message))
    page.on("request", lambda request: asked.append(request.url))
    try:
        await page.goto(path.as_uri())
        await page.locator("html[data-ready=yes]").wait_for(timeout=60_000)
        yield page
        assert complaints == []
        assert asked == [path.as_uri()]
    finally:
        await context.close()


async def shown_rows(page: Page) -> list[list[str]]:
    """The texts of the rows of VMs that are drawn."""
    rows = page.locator("#vms tbody tr:not(.gap)")
    texts: list[list[str]] = await rows.evaluate_all(
        "rows => rows.map(row => [...row.cells].map(cell => cell.textContent))"
    )
    return texts


async def test_the_worst_and_the_states_stand_on_the_first_screen(
    browser: Browser, written: tuple[Path, FleetReport]
) -> None:
    path, report = written
    async with opened(browser, path) as page:
        worst = page.locator("#worst li")
        assert await worst.count() == 10
        box = await worst.nth(9).bounding_box()
        assert box is not None
        assert box["y"] + box["height"] < 900
        first = report.findings[0]
        assert first.subject in await worst.nth(0).inner_text()
        counts = await page.locator("#states b").all_inner_texts()
        assert sorted(map(int, counts)) == sorted(report.sums.by_state.values())


async def test_a_state_a_name_and_a_column_choose_and_order_the_rows(
    browser: Browser, written: tuple[Path, FleetReport]
) -> None:
    path, report = written
    async with opened(browser, path) as page:
        await page.locator("#states button[data-value=broken]").click()
        shown = await page.locator("#shown").inner_text()
        assert shown == f"{report.sums.by_state[StateNow.BROKEN]} of 300 VMs"
        assert {row[1] for row in await shown_rows(page)} == {"broken"}
        await page.locator("#states button[data-value=broken]").click()
        await page.get_by_label("Find").fill("VM-0000")
        assert all(row[0].startswith("vm-0000") for row in await shown_rows(page))
        await page.get_by_label("Find").fill("")
        await page.get_by_role("button", name="Advised").click()
        amounts = [row[7].replace(",", "") for row in await shown_rows(page)]
        known = [float(amount) for amount in amounts if amount != "unknown"]
        assert known == sorted(known, reverse=True)
        assert await page.locator("th[aria-sort]").inner_text() == "Advised ↓"


async def test_who_types_on_or_goes_back_sees_what_whoever_types_it_at_once_does(
    browser: Browser, written: tuple[Path, FleetReport]
) -> None:
    path, _ = written
    async with opened(browser, path) as page:
        for text in ("vm-0", "vm-00", "vm-0001", "vm-00", "1", "rg-1", "RG-12", ""):
            await page.locator("#find").fill(text)
            typed = await page.locator("#shown").text_content()
            await page.locator("#find").fill("nothing is called so")
            await page.locator("#find").fill(text)
            assert await page.locator("#shown").text_content() == typed, text


async def test_a_group_that_lacks_prices_costs_at_least_so_much_or_what_is_not_known(
    browser: Browser, written: tuple[Path, FleetReport]
) -> None:
    path, report = written
    groups = {each.name: each.sums for each in report.groups}
    async with opened(browser, path) as page:
        rows = await page.locator("#groups tbody tr").evaluate_all(
            "rows => rows.map(row => [...row.cells].map(cell => cell.textContent))"
        )
    assert rows
    for name, _, _, today, after in rows:
        sums = groups[name]
        costs = (sums.today, sums.today_without_price), (sums.after, sums.after_without_price)
        for said, (amount, lacking) in zip((today, after), costs, strict=True):
            assert said.startswith("≥") is bool(lacking and amount), (name, said)
            assert (said == "unknown") is bool(lacking and not amount), (name, said)
    assert any(sums.after_without_price for sums in groups.values())


async def test_the_chart_is_drawn_once_the_page_is_ready(
    browser: Browser, written: tuple[Path, FleetReport]
) -> None:
    path, _ = written
    async with opened(browser, path) as page:
        drawn = await page.evaluate(
            "(() => { const seen = document.getElementById('chart'); return seen.getContext('2d')"
            ".getImageData(0, 0, seen.width, seen.height).data.filter(each => each).length; })()"
        )
        assert drawn > 1_000


async def test_what_goes_beyond_the_need_stands_apart_from_what_can_be_saved(
    browser: Browser, written: tuple[Path, FleetReport]
) -> None:
    path, report = written
    apart = [each for each in report.findings if each.saves is not None and not each.counted]
    assert apart
    async with opened(browser, path) as page:
        assert await page.locator("#apart tbody tr").count() == len(apart)
        assert await page.locator("#others tbody tr", has_text="beyond the need").count() == 0


async def test_what_the_next_money_buys_stands_there_with_its_running_sum(
    browser: Browser, written: tuple[Path, FleetReport]
) -> None:
    async with opened(browser, written[0]) as page:
        said = await page.locator("section:has(#bought-title) p").inner_text()
        rows = await page.locator("#bought tbody tr").all_inner_texts()
        assert f"buys {len(rows)} VMs" in said
        assert len(rows) > 5
        last = rows[-1].split("\t")[-1]
        assert said.startswith(f"{last} a month")
        assert 0 < Decimal(last.removesuffix(" USD")) <= BUDGET_USD


async def test_the_table_draws_what_is_seen_and_knows_how_much_there_is(
    browser: Browser, written: tuple[Path, FleetReport]
) -> None:
    path, _ = written
    async with opened(browser, path) as page:
        assert await page.locator("#vms").get_attribute("aria-rowcount") == "301"
        assert len(await shown_rows(page)) < 100
        await page.locator("#window").evaluate("view => { view.scrollTop = view.scrollHeight }")
        await page.locator("#vms tr[aria-rowindex='301']").wait_for()


async def test_a_stranger_s_name_is_text(
    browser: Browser, written: tuple[Path, FleetReport]
) -> None:
    path, _ = written
    async with opened(browser, path) as page:
        await page.get_by_label("Find").fill("onerror")
        [row] = await shown_rows(page)
        assert row[0] == EVIL
        assert await page.locator("img").count() == 0


async def test_the_keyboard_reaches_the_states_the_filters_and_the_rows(
    browser: Browser, written: tuple[Path, FleetReport]
) -> None:
    path, _ = written
    async with opened(browser, path) as page:
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        assert await page.locator("#states [aria-pressed=true]").count() == 1
        await page.keyboard.press("Enter")
        await page.locator("#window").focus()
        await page.keyboard.press("End")
        await page.locator("#vms tr.gap").first.wait_for(state="attached")
        await page.locator("#vms tr[aria-rowindex='2']").wait_for(state="detached")


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (1280, True), (390, False)])
async def test_the_page_fits_its_window_and_a_picture_of_it_is_kept(
    browser: Browser, written: tuple[Path, FleetReport], width: int, dark: bool
) -> None:
    path, _ = written
    async with opened(browser, path, dark=dark, width=width) as page:
        over = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert over <= 0
        PICTURES.mkdir(exist_ok=True)
        name = f"fleet-{width}{'-dark' if dark else ''}.png"
        await page.screenshot(path=PICTURES / name, full_page=True)
        assert (PICTURES / name).stat().st_size > 20_000


async def test_a_small_fleet_is_printed_whole(
    browser: Browser, written: tuple[Path, FleetReport]
) -> None:
    path, _ = written
    async with opened(browser, path) as page:
        await page.evaluate("dispatchEvent(new Event('beforeprint'))")
        assert len(await shown_rows(page)) == 300

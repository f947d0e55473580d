"""`vmbackup fleet`: every VM at once, what is missing and what is wasted."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from advisor.cli.advise import (
    SETTINGS_OPTION,
    SOURCE_OPTIONS,
    live_inventory,
    read_tiers,
    refuse_with_files,
)
from advisor.cli.group import LeafCommand
from advisor.cli.output import say
from advisor.cli.parameters import CURRENCY_OPTION, OFFLINE_OPTION, with_options
from advisor.cli.signs import shows_every_letter
from advisor.errors import EXIT_ADVISED, EXIT_FOUND, UsageError, VmNotFound

if TYPE_CHECKING:
    from advisor.inventory.estate import Estate
    from advisor.model.fleet import AzureRead, Bought, FleetReport, FleetRow
    from advisor.needs import Tiers
    from advisor.present.fleet_html import FleetColumns
    from advisor.prices.book import Book

LIVE = "live"
#: What --fail-on may be told, by the kind of finding.
FAIL_ON = ("unprotected", "broken", "gap", "need-not-met")

_FLEET_OPTIONS = (
    *SOURCE_OPTIONS,
    click.option(
        "--group-by",
        metavar="WHAT",
        help="Sums by subscription, region, tier or tag:NAME.",
    ),
    click.option(
        "--top",
        type=click.FloatRange(min=0, min_open=True),
        metavar="AMOUNT",
        help="What the next AMOUNT a month buys, the most need for the money first.",
    ),
    click.option("--resume", is_flag=True, help="Go on with a reading of Azure that broke off."),
    SETTINGS_OPTION,
    CURRENCY_OPTION,
    OFFLINE_OPTION,
    click.option(
        "--fail-on",
        multiple=True,
        type=click.Choice(FAIL_ON, case_sensitive=False),
        help="Exit 8 where a VM is so. May be given several times.",
    ),
    click.option(
        "--fail-above",
        type=click.FloatRange(min=0),
        metavar="AMOUNT",
        help="Exit 8 where protection costs more than AMOUNT a month today.",
    ),
    click.option("--json", is_flag=True, help="For programs."),
    click.option("--csv", is_flag=True, help="For a spreadsheet: VMs, then findings."),
    click.option(
        "--html",
        type=click.Path(dir_okay=False),
        metavar="FILE",
        help="Also write a page for a browser there: one file, which needs no network.",
    ),
)


class _Wish(NamedTuple):
    """What to print, and what to fail on."""

    form: str
    currency: str
    group_of: Callable[[FleetRow], str] | None
    budget: Decimal | None
    fail_on: frozenset[str]
    fail_above: Decimal | None
    page: Path | None


class _Asked(NamedTuple):
    """What was read, and by what it is judged. `azure`: what reading took; None: files."""

    estate: Estate
    azure: AzureRead | None
    tiers: Tiers
    offline: bool
    now: datetime
    settings: str | None


@click.command(cls=LeafCommand)
@with_options(*_FLEET_OPTIONS)
def fleet(
    files: tuple[str, ...],
    subscriptions: tuple[str, ...],
    management_groups: tuple[str, ...],
    group_by: str | None,
    top: float | None,
    resume: bool,
    settings: str | None,
    currency: str,
    offline: bool,
    fail_on: tuple[str, ...],
    fail_above: float | None,
    json: bool,
    csv: bool,
    html: str | None,
) -> int:
    """What protects every VM, what is missing, what is wasted, and what it costs."""
    from advisor.fleet.sums import grouping

    if json and csv:
        raise UsageError("Choose one of --json and --csv.")
    wish = _Wish(
        form="json" if json else "csv" if csv else "text",
        currency=currency,
        group_of=grouping(group_by) if group_by else None,
        budget=None if top is None else Decimal(str(top)),
        fail_on=frozenset(each.lower() for each in fail_on),
        fail_above=None if fail_above is None else Decimal(str(fail_above)),
        page=Path(html) if html else None,
    )
    now = datetime.now(UTC)
    tiers = read_tiers(settings)
    azure: AzureRead | None = None
    if files:
        estate = _from_files(files, subscriptions, management_groups, now, resume=resume)
    else:
        estate, azure = _from_azure(subscriptions, management_groups, now, resume=resume)
    if not estate.fleet.vms:
        raise VmNotFound("", why=estate.fleet.why_none or "There is no VM in what could be read.")
    estate = _with_bills(estate, now)
    report = _printed(_Asked(estate, azure, tiers, offline, now, settings), wish)
    return _exit_code(report, wish)


def _with_bills(estate: Estate, now: datetime) -> Estate:
    """Each VM with what its bill told before."""
    from advisor.learned import with_bill
    from advisor.learned_file import read_learned
    from advisor.state_folder import state_directory

    learned = read_learned(state_directory())
    if not learned:
        return estate
    vms = tuple(with_bill(known, learned.get(known.vm.key), now) for known in estate.fleet.vms)
    return estate._replace(fleet=estate.fleet._replace(vms=vms))


def _from_files(
    files: Sequence[str],
    subscriptions: Sequence[str],
    management_groups: Sequence[str],
    now: datetime,
    *,
    resume: bool,
) -> Estate:
    from advisor.inventory.exports import parse_estate
    from advisor.inventory.files import guesses, read_files

    refuse_with_files(subscriptions, management_groups)
    if resume:
        raise UsageError("--resume is about reading Azure. Leave it out with --inventory.")
    texts = read_files(files, sys.stdin.buffer)
    for guess in guesses(texts):
        say(guess)
    return parse_estate(texts, now)


def _from_azure(
    subscriptions: Sequence[str], management_groups: Sequence[str], now: datetime, *, resume: bool
) -> tuple[Estate, AzureRead]:
    import asyncio
    from time import monotonic

    from advisor.azure.kept_pages import FOLDER, KeptPages
    from advisor.model.fleet import AzureRead
    from advisor.prices.saved import cache_directory

    kept = KeptPages(
        cache_directory() / FOLDER, resume=resume, scope=(*subscriptions, *management_groups)
    )

    async def read() -> tuple[Estate, AzureRead]:
        async with live_inventory(subscriptions, management_groups) as inventory:
            began = monotonic()
            estate = await inventory.everything(now, kept)
            seconds = Decimal(f"{monotonic() - began:.1f}")
            return estate, AzureRead(inventory.calls, seconds)

    return asyncio.run(read())


def _printed(asked: _Asked, wish: _Wish) -> FleetReport:
    """Every VM advised on, written as it comes; then the findings and the sums."""
    from advisor.fleet.cores import advised
    from advisor.fleet.report import fleet_report
    from advisor.fleet.top import bought_for, can_be_met
    from advisor.present.fleet_html import FleetColumns
    from advisor.prices.pricing import Pricer

    estate, now = asked.estate, asked.now
    book = _priced(asked, wish.currency)
    kept: list[FleetRow] = []

    def seen(rows: Iterable[FleetRow]) -> Iterator[FleetRow]:
        for row in rows:
            if wish.budget is not None and can_be_met(row):
                kept.append(row)
            yield row

    pricer = Pricer(book, wish.currency, now.date())
    columns = FleetColumns()
    with _progress(len(estate.fleet.vms)) as told:
        rows = told(advised(estate.fleet.vms, (wish.currency, asked.tiers, book, now)))
        writing = _writing(seen(columns.passing(rows) if wish.page else rows), wish)
        report = fleet_report(writing, estate, pricer, now, wish.group_of, asked.azure)
    bought = None if wish.budget is None else bought_for(kept, wish.budget)
    _write_rest(report, bought, wish.form)
    if wish.page is not None:
        _write_page(wish.page, report, columns, asked.tiers)
    return report


def _write_page(path: Path, report: FleetReport, columns: FleetColumns, tiers: Tiers) -> None:
    """The page, whole or not at all. Raises UsageError where it cannot be written."""
    from advisor.fleet.top import need_hours
    from advisor.present.fleet_html import fleet_html

    beside = path.with_name(f".{path.name}.new")
    try:
        beside.write_text(fleet_html(report, columns, need_hours(tiers)), encoding="utf-8")
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        reason = error.strerror or "it cannot be opened"
        raise UsageError(f"{path} cannot be written: {reason}.") from error


def _priced(asked: _Asked, currency: str) -> Book:
    """The book, with what the plans of one VM of each kind lack fetched from the price list."""
    from advisor.cli.current_prices import TerminalPrices
    from advisor.fleet.kinds import one_of_each_kind
    from advisor.fleet.report import fleet_rows
    from advisor.prices.pricing import Pricer
    from advisor.prices.wanted import WantedPrices, wanted_of

    prices = TerminalPrices(asked.offline, asked.settings)
    few = one_of_each_kind(asked.estate.fleet.vms)

    def work(book: Book) -> tuple[None, WantedPrices]:
        pricer = Pricer(book, currency, asked.now.date())
        for _ in fleet_rows(few, currency, asked.tiers, pricer, asked.now):
            pass
        return None, wanted_of(pricer, asked.now.date())

    if prices.may_ask:
        prices.answer(work, asked.now)
    return prices.book


def _writing(rows: Iterator[FleetRow], wish: _Wish) -> Iterator[FleetRow]:
    """The rows, each written as it passes where the form has rows."""
    write = sys.stdout.write
    if wish.form == "json":
        from advisor.present.fleet_json import json_rows, json_start

        write(json_start())
        return json_rows(rows, write, ascii_only=not shows_every_letter(sys.stdout))
    if wish.form == "csv":
        from advisor.present.fleet_csv import csv_header, csv_rows

        write(csv_header())
        return csv_rows(rows, write, wish.currency)
    return rows


def _write_rest(report: FleetReport, bought: Sequence[Bought] | None, form: str) -> None:
    if form == "json":
        from advisor.present.fleet_json import json_end

        ascii_only = not shows_every_letter(sys.stdout)
        sys.stdout.write(json_end(report, bought, ascii_only=ascii_only))
    elif form == "csv":
        from advisor.present.fleet_csv import csv_findings

        sys.stdout.writelines(csv_findings(report))
    else:
        from advisor.present.fleet_text import fleet_text

        click.echo(fleet_text(report, bought), nl=False)


@contextmanager
def _progress(
    vms: int,
) -> Iterator[Callable[[Iterable[FleetRow]], Iterator[FleetRow]]]:
    """A progress bar on standard error where that is a terminal."""
    if not sys.stderr.isatty():
        yield iter
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (TextColumn("Advising"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("VMs", total=vms)

        def told(rows: Iterable[FleetRow]) -> Iterator[FleetRow]:
            for row in rows:
                bar.advance(task)
                yield row

        yield told


def _exit_code(report: FleetReport, wish: _Wish) -> int:
    """0, or 8 where something is found that --fail-on or --fail-above asked about, and says it."""
    from collections import Counter

    counts = Counter(each.kind.value for each in report.findings)
    found = [f"{counts[kind]:,} {kind}" for kind in FAIL_ON if kind in wish.fail_on & counts.keys()]
    if found:
        say(f"Found what --fail-on names: {', '.join(found)}.")
    today = report.sums.today
    above = wish.fail_above is not None and today > wish.fail_above
    if above:
        say(
            f"Protection costs {today:,.2f} {report.currency} a month, more than the"
            f" {wish.fail_above:,.2f} of --fail-above."
        )
    return EXIT_FOUND if found or above else EXIT_ADVISED

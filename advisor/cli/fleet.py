"""`vmbackup fleet`: every VM at once, what is missing and what is wasted."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from advisor.cli.advise import (
    SETTINGS_OPTION,
    SOURCE_OPTIONS,
    read_tiers,
    refuse_with_files,
)
from advisor.cli.fleet_live import LiveFleet, live_fleet, whole_fleet
from advisor.cli.fleet_progress import advising_progress
from advisor.cli.group import LeafCommand
from advisor.cli.output import say, say_unread
from advisor.cli.parameters import (
    AMOUNT,
    BUDGET,
    CURRENCY_OPTION,
    OFFLINE_OPTION,
    with_options,
)
from advisor.cli.signs import shows_every_letter
from advisor.errors import EXIT_ADVISED, EXIT_FOUND, InputUnreadable, UsageError

if TYPE_CHECKING:
    from advisor.earlier import Earlier
    from advisor.fleet.sources import FleetSource
    from advisor.model.fleet import AzureRead, Bought, FleetReport, FleetRow
    from advisor.needs import Tiers
    from advisor.present.fleet_html import FleetColumns
    from advisor.prices.book import Book

LIVE = "live"  #: what --inventory may be told instead of a file; one of that name is ./live
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
        type=BUDGET,
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
        type=AMOUNT,
        metavar="AMOUNT",
        help="Exit 8 where protection costs more than AMOUNT a month today.",
    ),
    click.option("--json", is_flag=True, help="For programs."),
    click.option("--csv", is_flag=True, help="For a spreadsheet: VMs, findings, sums, top."),
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

    source: FleetSource
    azure: AzureRead | None
    tiers: Tiers
    offline: bool
    now: datetime
    settings: str | None  #: the settings file that was named


@click.command(cls=LeafCommand)
@with_options(*_FLEET_OPTIONS)
def fleet(
    files: tuple[str, ...],
    subscriptions: tuple[str, ...],
    management_groups: tuple[str, ...],
    group_by: str | None,
    top: Decimal | None,
    resume: bool,
    settings: str | None,
    currency: str,
    offline: bool,
    fail_on: tuple[str, ...],
    fail_above: Decimal | None,
    json: bool,
    csv: bool,
    html: str | None,
) -> int:
    """What protects every VM, what is missing, what is wasted, and what it costs."""
    from advisor.fleet.sums import grouping

    if json and csv:
        raise UsageError("Choose one of --json and --csv.")
    page = _page_to_write(html) if html else None
    wish = _Wish(
        form="json" if json else "csv" if csv else "text",
        currency=currency,
        group_of=grouping(group_by) if group_by else None,
        budget=top,
        fail_on=frozenset(each.lower() for each in fail_on),
        fail_above=fail_above,
        page=page,
    )
    now = datetime.now(UTC)
    tiers = read_tiers(settings)
    azure: AzureRead | None = None
    live: LiveFleet | None = None
    if files and files != (LIVE,):
        source = _from_files(files, subscriptions, management_groups, now, resume=resume)
    else:
        live = live_fleet(subscriptions, management_groups, now, resume=resume)
        source, azure = live.source, live.azure
    report = _printed(_Asked(source, azure, tiers, offline, now, settings), wish)
    if live is not None:
        live.told()
    return _exit_code(report, wish)


def _earlier() -> Mapping[str, Earlier]:
    """What was found out of VMs before."""
    from advisor.earlier_files import earlier_of
    from advisor.state_folder import state_directory

    return earlier_of(state_directory(), say_unread)


def _from_files(
    files: Sequence[str],
    subscriptions: Sequence[str],
    management_groups: Sequence[str],
    now: datetime,
    *,
    resume: bool,
) -> FleetSource:
    from advisor.inventory.exports import parse_estate
    from advisor.inventory.files import guesses, read_files

    if LIVE in files:
        raise UsageError("--inventory live reads Azure. Leave the files out, or it.")
    refuse_with_files(subscriptions, management_groups)
    if resume:
        raise UsageError("--resume is about reading Azure. Leave it out with --inventory.")
    large = _large(files, now)
    if large is not None:
        return large
    texts = read_files(files, sys.stdin.buffer)
    for guess in guesses(texts):
        say(guess)
    return whole_fleet(parse_estate(texts, now))


def _large(files: Sequence[str], now: datetime) -> FleetSource | None:
    """Large files, read part by part; what is wrong in one is told better by reading it whole."""
    from advisor.fleet.large import large_fleet
    from advisor.inventory.files import fits_in_memory

    try:
        return large_fleet(files, now)
    except InputUnreadable:
        if not all(map(fits_in_memory, files)):
            raise
        return None


def _printed(asked: _Asked, wish: _Wish) -> FleetReport:
    """Every VM advised on, written as it comes; then the findings and the sums."""
    from advisor.fleet.cores import Work
    from advisor.fleet.report import summed_report
    from advisor.fleet.top import bought_for, can_be_met
    from advisor.present.fleet_html import FleetColumns

    source = asked.source
    book = _priced(asked, wish.currency)
    work = Work(wish.currency, asked.tiers, book, asked.now, _earlier())
    kept: list[FleetRow] = []

    def seen(rows: Iterable[FleetRow]) -> Iterator[FleetRow]:
        for row in rows:
            if wish.budget is not None and can_be_met(row):
                kept.append(row)
            yield row

    columns = FleetColumns()
    with advising_progress(source.count) as told:
        rows = told(source.rows(work))
        writing = _writing(seen(columns.passing(rows) if wish.page else rows), wish)
        report = summed_report(
            writing, source.others(work), source.unread, wish.currency, wish.group_of, now=asked.now
        )
    report = report._replace(azure=asked.azure)
    bought = None if wish.budget is None else bought_for(kept, wish.budget)
    _write_rest(report, bought, wish.form)
    if wish.page is not None:
        _write_page(wish.page, (report, columns, bought), asked.tiers)
    return report


def _page_to_write(text: str) -> Path:
    """Where the page goes. Raises UsageError, before minutes of reading, where it never could."""
    path = Path(text)
    if not path.parent.is_dir():
        raise UsageError(f"{path} cannot be written: {path.parent} is no directory.")
    return path


_OnPage = tuple["FleetReport", "FleetColumns", Sequence["Bought"] | None]
"""The report, its columns, and what a budget buys; None: nobody asked."""


def _write_page(path: Path, page: _OnPage, tiers: Tiers) -> None:
    """The page, whole or not at all. Raises UsageError where it cannot be written."""
    from advisor.fleet.top import need_hours
    from advisor.present.fleet_html import fleet_html

    beside = path.with_name(f".{path.name}.new")
    try:
        report, columns, bought = page
        text = fleet_html(report, columns, need_hours(tiers), bought)
        beside.write_text(text, encoding="utf-8")
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        reason = error.strerror or "it cannot be opened"
        raise UsageError(f"{path} cannot be written: {reason}.") from error


def _priced(asked: _Asked, currency: str) -> Book:
    """The book, with what the plans of one VM of each kind lack fetched from the price list."""
    from advisor.cli.current_prices import TerminalPrices
    from advisor.fleet.report import fleet_rows
    from advisor.prices.pricing import Pricer
    from advisor.prices.wanted import WantedPrices, wanted_of

    prices = TerminalPrices(asked.offline, asked.settings)
    if not prices.may_ask:
        return prices.book
    few = asked.source.one_of_each_kind()

    def work(book: Book) -> tuple[None, WantedPrices]:
        pricer = Pricer(book, currency, asked.now.date())
        for _ in fleet_rows(few, currency, asked.tiers, pricer, asked.now):
            pass
        return None, wanted_of(pricer, asked.now.date())

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
        from advisor.present.fleet_csv import csv_bought, csv_findings, csv_groups

        sys.stdout.writelines(csv_findings(report))
        sys.stdout.writelines(csv_groups(report))
        sys.stdout.writelines(csv_bought(bought or (), report.currency))
    else:
        from advisor.present.fleet_text import fleet_text

        click.echo(fleet_text(report, bought), nl=False)


def _exit_code(report: FleetReport, wish: _Wish) -> int:
    """0, or 8 where something is found that --fail-on or --fail-above asked about, and says it."""
    from collections import Counter

    from advisor.words import counted

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
    elif wish.fail_above is not None and report.sums.today_without_price:
        lacking = counted(report.sums.today_without_price, "VM")
        say(
            f"Protection costs at least {today:,.2f} {report.currency} a month. {lacking} without"
            f" a price: whether it is more than the {wish.fail_above:,.2f} of --fail-above is not"
            " known."
        )
    return EXIT_FOUND if found or above else EXIT_ADVISED

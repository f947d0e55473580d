"""`vmbackup prices sheet`: the prices of one's own agreement, from a sheet that was downloaded."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from advisor.cli.group import LeafCommand
from advisor.errors import InputUnreadable, UsageError

if TYPE_CHECKING:
    from advisor.prices.sheet import Sheet

_SHOWN_REASONS = 8


@click.command(cls=LeafCommand)
@click.argument("file", required=False, type=click.Path(path_type=Path), metavar="[FILE]")
@click.option("--forget", is_flag=True, help="Delete your own prices; those of the list hold.")
@click.option(
    "--billing-account",
    "account",
    metavar="ID",
    help="Download it from Azure: of this enrolment (EA), or account of a customer agreement.",
)
@click.option(
    "--billing-profile", "profile", metavar="ID", help="Of a customer agreement: which profile."
)
@click.option("--period", metavar="YYYYMM", help="Of an enrolment. Default: this month.")
def sheet(
    file: Path | None, forget: bool, account: str | None, profile: str | None, period: str | None
) -> None:
    """Read your own prices from FILE, a price sheet (CSV, or a zip of one), or from Azure.

    It is that of an enterprise agreement or of a billing profile (customer agreement). Its prices
    stand over the price list in every advice and estimate, each marked as agreed, until another
    sheet is read.
    """
    from advisor.prices.own import forget_own
    from advisor.state_folder import state_directory

    if [file is not None, forget, account is not None].count(True) != 1:
        raise UsageError(
            "Name the price sheet, --billing-account or --forget: vmbackup prices sheet FILE."
        )
    if (profile or period) and account is None:
        raise UsageError("--billing-profile and --period are about --billing-account.")
    if profile and period:
        raise UsageError("A billing profile has one sheet. Leave --period out.")
    if forget:
        had = forget_own(state_directory())
        click.echo("Your own prices are deleted." if had else "There were no prices of your own.")
    elif file is not None:
        _read_in(_content(file), str(file), file.name)
    else:
        _read_in(*_downloaded(account or "", profile or "", period or ""))


def _read_in(content: bytes, source: str, shown: str) -> None:
    """Keep the prices of a sheet. `source` is named where it is wrong, `shown` at each price."""
    from advisor.prices.own import OwnPrices, write_own
    from advisor.prices.sheet import read_sheet, sheet_text
    from advisor.prices.shipped import shipped_book
    from advisor.state_folder import state_directory

    now = datetime.now(UTC)
    text = sheet_text(content, source)
    found = read_sheet(text, shown, shipped_book().keys, now.date())
    path = write_own(state_directory(), OwnPrices(found.kind.value, shown, now, found.quotes))
    _tell(found, path)


def _downloaded(account: str, profile: str, period: str) -> tuple[bytes, str, str]:
    """The sheet as Azure makes it now, and how it is called."""
    import asyncio

    from advisor.azure.price_sheets import PriceSheets, agreement_of
    from advisor.cli.advise import live_inventory

    of = agreement_of(account, profile, period or f"{datetime.now(UTC):%Y%m}")

    async def read() -> bytes:
        async with live_inventory((), ()) as inventory:
            return await PriceSheets(inventory.connection).download(of)

    return asyncio.run(read()), f"the price sheet {of.words}", of.words


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise InputUnreadable(str(file), "", f"it cannot be read: {error.strerror}.") from error


def _tell(found: Sheet, path: Path) -> None:
    keys = {quote.key for quote in found.quotes}
    regions, currencies = {key.region for key in keys}, {key.currency for key in keys}
    click.echo(
        f"{len(keys):,} prices of your {found.kind.value} for {len(regions)} regions in "
        f"{', '.join(sorted(currencies))}, kept in {path}"
    )
    reasons = sorted(found.left_out.items(), key=lambda pair: (-pair[1], pair[0]))
    for reason, count in reasons[:_SHOWN_REASONS]:
        click.echo(f"Left out: {count:,} {'row' if count == 1 else 'rows'} {reason}.")
    if rest := reasons[_SHOWN_REASONS:]:
        click.echo(f"Left out: {sum(count for _, count in rest):,} rows for other reasons.")

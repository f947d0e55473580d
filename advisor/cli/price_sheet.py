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
def sheet(file: Path | None, forget: bool) -> None:
    """Read your own prices from FILE, a price sheet (CSV, or a zip of one) that you downloaded.

    It is that of an enterprise agreement or of a billing profile (customer agreement). Its prices
    stand over the price list in every advice and estimate, each marked as agreed, until another
    sheet is read.
    """
    from advisor.prices.own import OwnPrices, forget_own, write_own
    from advisor.prices.sheet import read_sheet, sheet_text
    from advisor.prices.shipped import shipped_book
    from advisor.state_folder import state_directory

    if forget == (file is not None):
        raise UsageError("Name the price sheet, or say --forget: vmbackup prices sheet FILE.")
    directory = state_directory()
    if file is None:
        had = forget_own(directory)
        click.echo("Your own prices are deleted." if had else "There were no prices of your own.")
        return
    now = datetime.now(UTC)
    text = sheet_text(_content(file), str(file))
    found = read_sheet(text, file.name, shipped_book().keys, now.date())
    path = write_own(directory, OwnPrices(found.kind.value, file.name, now, found.quotes))
    _tell(found, path)


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

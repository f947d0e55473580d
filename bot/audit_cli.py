"""`vmbackup audit`: shows the audit of one request, and verifies the chain."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, TypeVar

import click

from advisor.cli.group import LeafCommand
from advisor.errors import DatabaseUnusable, UsageError
from advisor.words import counted

if TYPE_CHECKING:
    from bot.database.audit import Audit, AuditRow, Verified

Read = TypeVar("Read")

#: So many digits of a hash do not match another one by chance.
_HASH = re.compile(r"[0-9a-f]{12,64}")
_HASH_DIGITS_SHOWN = 12


@click.command(cls=LeafCommand)
@click.option(
    "--head",
    "noted",
    metavar="HASH",
    help="A hash to find in the audit, from a decision's thread or the log: 12 digits or more.",
)
def verify(noted: str | None) -> None:
    """Check that every row is as it was written, and that requests and approvals agree with it.

    Only a noted --head shows an audit that was rewritten as a whole.
    """
    wanted = _hash(noted) if noted else None
    verified = _with_audit(lambda audit: audit.verify(wanted))
    click.echo(_verdict(verified, wanted))


@click.command(cls=LeafCommand)
@click.argument("request")
@click.option("--json", "as_it_is", is_flag=True, help="Print the rows as they are stored.")
def show(request: str, as_it_is: bool) -> None:
    """Show all rows of one request, such as r-0123456789ab, in words and names."""
    rows, names = _with_audit(lambda audit: _rows_and_names(audit, request.strip()))
    if not rows:
        raise UsageError(
            f"The audit has no row of “{request}”. The id of a request looks like r-0123456789ab; "
            "/vmbackup requests lists the requests."
        )
    if as_it_is:
        from bot.audit_words import as_json

        click.echo(json.dumps([as_json(row) for row in rows], indent=2))
    else:
        _print(rows, names)


async def _rows_and_names(
    audit: Audit, request_id: str
) -> tuple[Sequence[AuditRow], Mapping[str, str]]:
    rows = await audit.of_request(request_id)
    return rows, await audit.names({row.who for row in rows if row.who})


@click.command(cls=LeafCommand)
@click.argument("file", type=click.Path(dir_okay=False))
def export(file: str) -> None:
    """Add to FILE every row that it lacks, as JSON lines; for cron.

    FILE and the audit are checked first, so an audit that was rewritten as a whole is noticed. Let
    it lie where the bot cannot write.
    """
    from pathlib import Path

    from bot.database.audit_file import export as exported

    done = _with_audit(lambda audit: exported(audit, Path(file)))
    added = counted(done.added, "row was", "rows were")
    click.echo(f"{added} added. The file has {done.rows}, head {done.head}.")


def _with_audit(read: Callable[[Audit], Awaitable[Read]]) -> Read:
    import asyncio

    from bot.composition.command import loop_for_psycopg

    with asyncio.Runner(loop_factory=loop_for_psycopg()) as runner:
        return runner.run(_read_audit(read))


async def _read_audit(read: Callable[[Audit], Awaitable[Read]]) -> Read:
    from psycopg.errors import UndefinedTable

    from bot.database import open_to_read
    from bot.database.audit import Audit
    from bot.settings import read_settings_without_slack

    async with open_to_read(read_settings_without_slack()) as database:
        try:
            return await read(Audit(database))
        except UndefinedTable as error:
            raise DatabaseUnusable(
                "This database has no audit yet. Start the bot on it once: that brings its "
                "schema up to date."
            ) from error


def _hash(text: str) -> str:
    wanted = text.strip().lower()
    if not _HASH.fullmatch(wanted):
        raise UsageError(f"“{text}” is no hash. It has 12 to 64 digits from 0 to 9 and a to f.")
    return wanted


def _verdict(verified: Verified, wanted: str | None) -> str:
    """The sentence for a chain that is whole; raises DatabaseUnusable for any other."""
    if verified.broken_at is not None:
        raise DatabaseUnusable(
            f"The audit is broken at row {verified.broken_at}: that row, or the one before it, is "
            "not what was written. Compare with a backup of the database."
        )
    if wanted and verified.noted_at is None:
        raise DatabaseUnusable(
            f"The audit is consistent in itself, but no row of it has the hash {wanted}. It was "
            "rewritten, or the hash is of another database. Compare with a backup of the database."
        )
    if verified.compared.differences:
        raise DatabaseUnusable(_differences(verified))
    found = f" The hash that you noted is that of row {verified.noted_at}." if wanted else ""
    unknown = verified.compared.unknown
    old = f" {unknown} requests of an earlier version are not compared with it." if unknown else ""
    return f"The audit is whole: {verified.rows} rows, head {verified.head}.{found}{old}"


def _differences(verified: Verified) -> str:
    """What the audit does not know of; the id of a request may itself be forged."""
    from advisor.cli.output import printable

    found = (f"{each.request_id}: {each.what}." for each in verified.compared.differences)
    return (
        "The audit is whole, and the database does not agree with it. "
        f"{' '.join(printable(each) for each in found)} Somebody wrote to the database past the "
        "bot: stop the bot, and compare with a backup of the database."
    )


def _print(rows: Sequence[AuditRow], names: Mapping[str, str]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from advisor.cli.output import color, printable, width

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for head in ("Row", "When (UTC)", "What", "Who", "Details", "Hash"):
        table.add_column(head, overflow="fold", justify="right" if head == "Row" else "left")
    for row in rows:
        table.add_row(*(Text(printable(cell)) for cell in _cells(row, names)))
    Console(width=width(), no_color=not color(), markup=False, highlight=False).print(table)


def _cells(row: AuditRow, names: Mapping[str, str]) -> tuple[str, ...]:
    from datetime import UTC

    from bot.audit_words import detail_lines, who_words

    return (
        str(row.seq),
        f"{row.at.astimezone(UTC):%Y-%m-%d %H:%M:%S}",
        row.kind,
        who_words(row, names),
        "\n".join(detail_lines(row, names)),
        row.hash[:_HASH_DIGITS_SHOWN],
    )

"""`vmbackup bill`: what protection really cost, by Cost Management."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from advisor.cli.advise import AZURE_OPTIONS
from advisor.cli.group import LeafCommand
from advisor.cli.output import color, json_text, keep_for_later, say_unread, width
from advisor.cli.parameters import with_options
from advisor.errors import UsageError

if TYPE_CHECKING:
    from advisor.bill.bill import FleetBill, VmBill
    from advisor.bill.months import Month
    from advisor.billing import Billing
    from advisor.model import BilledSizes


@click.command(cls=LeafCommand)
@click.argument("vm", metavar="[VM]", required=False)
@click.option(
    "--month",
    metavar="MONTH",
    help="A month of UTC, as 2026-10. Default: the newest one that is final.",
)
@with_options(*AZURE_OPTIONS)
@click.option(
    "--accuracy",
    is_flag=True,
    help="How far the estimates that were given before were off, over all VMs and months.",
)
@click.option(
    "--chart",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="With --accuracy: draw it into FILE.png or FILE.svg, too. Needs the extra “chart”.",
)
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.option("--csv", "as_csv", is_flag=True, help="For spreadsheets: one row for each line.")
def bill(
    vm: str | None,
    month: str | None,
    subscriptions: tuple[str, ...],
    management_groups: tuple[str, ...],
    accuracy: bool,
    chart: Path | None,
    as_json: bool,
    as_csv: bool,
) -> None:
    """What the protection of VM, or of every VM, cost in one month, beside what was estimated.

    It is what Cost Management says: amortised usage before tax. Your account needs the role Cost
    Management Reader on the subscriptions. What was read is kept for a day.
    """
    import asyncio

    from advisor.bill.months import last_final, parse_month

    if as_json and as_csv:
        raise UsageError("Choose one of --json and --csv.")
    today = datetime.now(UTC).date()
    wanted = parse_month(month, today) if month else last_final(today)
    if accuracy:
        from advisor.cli.accuracy import accuracy_shown

        if vm or as_csv:
            raise UsageError("--accuracy is about every VM. Leave VM and --csv out.")
        of_month = wanted if month else None
        said = accuracy_shown(of_month, subscriptions, management_groups, as_json, chart)
        click.echo(said, nl=False)
        return
    if chart is not None:
        raise UsageError("--chart draws the accuracy: add --accuracy.")
    found = asyncio.run(_bill(vm, wanted, subscriptions, management_groups))
    keep_what_was_learned(learned_from_bill(found))
    form = "json" if as_json else "csv" if as_csv else "text"
    click.echo(shown(found, form), nl=False)


async def _bill(
    vm: str | None,
    month: Month,
    subscriptions: tuple[str, ...],
    management_groups: tuple[str, ...],
) -> VmBill | FleetBill:
    async with live_billing(subscriptions, management_groups) as billing:
        return await (billing.of_vm(vm, month) if vm else billing.of_all(month))


@asynccontextmanager
async def live_billing(
    subscriptions: tuple[str, ...], management_groups: tuple[str, ...]
) -> AsyncIterator[Billing]:
    """Bills of Azure as azure-identity's default chain sees it, while the block lasts."""
    from advisor.azure.cost_cache import CostCache
    from advisor.billing import Billing
    from advisor.cli.advise import live_inventory
    from advisor.earlier_files import earlier_of
    from advisor.ledger_file import kept
    from advisor.prices.discounts import stated_discounts
    from advisor.prices.saved import cache_directory, load_book
    from advisor.state_folder import state_directory

    async with live_inventory(subscriptions, management_groups) as inventory:
        cache = CostCache(cache_directory(), inventory.connection.base_url)
        state = state_directory()
        book = load_book(discounts=stated_discounts(None))
        earlier = earlier_of(state, say_unread)
        yield Billing(inventory, book, cache, kept(state), earlier=earlier)


def learned_from_bill(found: VmBill | FleetBill) -> Mapping[str, BilledSizes]:
    """What a bill told, by the VM's lower-cased id."""
    from advisor.bill.bill import FleetBill

    if isinstance(found, FleetBill):
        return found.learned
    return {} if found.learned is None else {found.vm: found.learned}


def keep_what_was_learned(learned: Mapping[str, BilledSizes]) -> None:
    """For the next advice; where it cannot be kept the bill is shown all the same."""
    from advisor.earlier_files import LEARNED

    keep_for_later(LEARNED, learned, "What was learned")


def shown(found: VmBill | FleetBill, form: str) -> str:
    """A bill as text, JSON or CSV, ending in a newline."""
    from advisor.bill.bill import FleetBill

    if form == "json":
        from advisor.present.bill_as_json import fleet_bill_to_dict, vm_bill_to_dict

        if isinstance(found, FleetBill):
            return f"{json_text(fleet_bill_to_dict(found))}\n"
        return f"{json_text(vm_bill_to_dict(found))}\n"
    if form == "csv":
        from advisor.present.bill_as_csv import bill_csv

        return bill_csv(found)
    from advisor.present.as_text import document_text
    from advisor.present.bill_document import fleet_bill_document, vm_bill_document

    document = (
        fleet_bill_document(found) if isinstance(found, FleetBill) else vm_bill_document(found)
    )
    return document_text(document, width=width(), color=color())

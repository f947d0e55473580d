"""`vmbackup measure`: what is known of a VM by measuring it, and what that does to its price."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from advisor.asked import AdviceAsked
from advisor.cli.advise import AZURE_OPTIONS, SETTINGS_OPTION
from advisor.cli.group import LeafCommand
from advisor.cli.output import color, json_text, keep_for_later, width
from advisor.cli.parameters import CURRENCY_OPTION, with_options

if TYPE_CHECKING:
    from advisor.model.measure_report import MeasureReport

WORKSPACE_VARIABLE = "VMBACKUP_WORKSPACE"


@click.command(cls=LeafCommand)
@click.argument("vm", metavar="VM")
@click.option(
    "--workspace",
    metavar="ID",
    envvar=WORKSPACE_VARIABLE,
    help="A Log Analytics workspace in which VM insights keeps the VM's own figures.",
)
@with_options(*AZURE_OPTIONS)
@SETTINGS_OPTION
@CURRENCY_OPTION
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def measure(
    vm: str,
    workspace: str | None,
    subscriptions: tuple[str, ...],
    management_groups: tuple[str, ...],
    settings: str | None,
    currency: str,
    as_json: bool,
) -> None:
    """What can be measured of VM: writes, used and changed data, how long restores took.

    It reads Azure Monitor, the jobs of the vaults, the bill of its snapshots, and the workspace
    that you name. What cannot be read is named, and nothing is changed. What was found is kept,
    and the next advice counts with it.
    """
    import asyncio

    from advisor.earlier_files import MEASURED
    from advisor.kept_measures import measures_of

    found = asyncio.run(
        _measured(vm, workspace, subscriptions, management_groups, settings, currency)
    )
    known = found.after.known
    keep_for_later(MEASURED, {known.vm.key: measures_of(known)}, "What was measured")
    if as_json:
        from advisor.present.measure_as_json import measure_to_dict

        click.echo(json_text(measure_to_dict(found)))
        return
    from advisor.present.as_text import document_text
    from advisor.present.measure_document import measure_document

    click.echo(document_text(measure_document(found), width=width(), color=color()), nl=False)


async def _measured(
    vm: str,
    workspace: str | None,
    subscriptions: tuple[str, ...],
    management_groups: tuple[str, ...],
    settings: str | None,
    currency: str,
) -> MeasureReport:
    from advisor.azure.cost_cache import CostCache
    from advisor.azure.guest_metrics import checked_workspace
    from advisor.cli.advise import live_inventory, read_tiers
    from advisor.measuring import Measuring
    from advisor.prices.saved import cache_directory, load_book

    named = checked_workspace(workspace) if workspace else ""
    tiers = read_tiers(settings)
    async with live_inventory(subscriptions, management_groups) as inventory:
        cache = CostCache(cache_directory(), inventory.connection.base_url)
        measuring = Measuring(inventory, load_book(), cache, named)
        return await measuring.of_vm(AdviceAsked(vm=vm, currency=currency), tiers)

"""`vmbackup inventory query`: the Resource Graph queries that export what an advice reads."""

from __future__ import annotations

import click

from advisor.cli.group import LeafCommand
from advisor.inventory.resource_graph import PAGE_ROWS, az_command, queries, wanted_vm

_EVERY_VM = "Every VM you may read, with its disks and all that protects it"
_PAGES = f"""\
# Each answer holds {PAGE_ROWS:,} rows at most. Where a file has a skip_token that is not null,
# more follow: run the same command with --skip-token and its value, into another file.
# They look at all you may read; add --subscriptions or --management-groups to look at less."""
_ONLY_THIS = "# These files tell of this VM alone: do not mix them with files about others.\n"


@click.command(cls=LeafCommand)
@click.argument("vm", required=False)
def query(vm: str | None) -> None:
    """Print the commands that export every VM, or with VM that one, for --inventory.

    They run the same Resource Graph queries as the live reading.
    """
    asked = queries(wanted_vm(vm) if vm else None)
    whole = f"{vm}, with its disks and all that protects it" if vm else _EVERY_VM
    click.echo(f"# {whole}: three files, from Azure Resource Graph.")
    for one in asked:
        click.echo(f"\n# {one.what[0].upper()}{one.what[1:]}. Needs {one.permission}.")
        click.echo(az_command(one))
    files = " ".join(f"--inventory {one.file_name}" for one in asked)
    click.echo(
        f"\n{_PAGES}\n{_ONLY_THIS if vm else ''}# Then: vmbackup advise {vm or 'VM'} {files}"
    )

"""`vmbackup roles`: the custom roles that Azure should give the bot, and nothing more."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from advisor.cli.group import LeafCommand
from advisor.cli.output import json_text
from advisor.errors import UsageError

if TYPE_CHECKING:
    from bot.azure.azure_roles import AzureRole


@click.command(cls=LeafCommand)
@click.argument("role", required=False)
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    metavar="ID",
    help="Where ROLE may be assigned: a subscription or a group by its id. Several are possible.",
)
@click.option("--json", is_flag=True, help="All of them, for programs.")
def roles(role: str | None, scopes: tuple[str, ...], json: bool) -> None:
    """Show the roles the bot needs in Azure, or print ROLE as az takes it.

    Made from what each action does: the role that only reads is for the listener, the others
    are for the worker.
    """
    from bot.azure.azure_roles import azure_roles
    from bot.composition.actions import action_facts

    found = azure_roles(action_facts())
    checked = [_scope(each) for each in scopes]
    if role is not None:
        click.echo(json_text(_named(role, found).definition(checked)))
    elif json:
        click.echo(json_text([each.definition(checked) for each in found]))
    elif checked:
        raise UsageError("--scope belongs to one role or to --json. Name a role, such as advisor.")
    else:
        click.echo("\n\n".join(map(_words, found)))


def _scope(text: str) -> str:
    scope = text.strip().rstrip("/")
    if not scope.lower().startswith(
        ("/subscriptions/", "/providers/microsoft.management/managementgroups/")
    ):
        raise UsageError(
            f"“{text}” is no scope. Write /subscriptions/ID, /subscriptions/ID/resourceGroups/NAME "
            "or /providers/Microsoft.Management/managementGroups/ID."
        )
    return scope


def _named(name: str, found: tuple[AzureRole, ...]) -> AzureRole:
    for each in found:
        if each.name == name:
            return each
    raise UsageError(
        f"There is no role “{name}”. There are {', '.join(each.name for each in found)}."
    )


def _words(role: AzureRole) -> str:
    actions = "\n".join(f"  {each}" for each in role.actions)
    return f"{role.name}: {role.description}\nAssign it at: {role.scope_hint}.\n{actions}"

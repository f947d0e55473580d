"""The custom roles of Azure, made from what each action says that it does."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from advisor.azure.permissions import ASKS_WHAT_IT_MAY, FINDS, READS
from bot.azure.permissions import PERMISSIONS
from bot.requests.action import Action
from bot.requests.request import ActionFacts

#: Where a role may be assigned; its maker replaces it.
EXAMPLE_SCOPE = "/subscriptions/SUBSCRIPTION"

#: The actions that change a running VM or make disks: many teams leave them out.
_RESTORES = (Action.RESTORE,)
#: What deletes the makings of the others: each of those states the deletion among its own verbs.
_DELETES = (Action.DELETE,)


@dataclass(frozen=True, slots=True)
class AzureRole:
    """A custom role. `actions` are Azure's, sorted; `scope_hint` says where it is assigned."""

    name: str
    description: str
    scope_hint: str
    actions: tuple[str, ...]

    def definition(self, scopes: Sequence[str] = ()) -> dict[str, Any]:
        """The document that `az role definition create --role-definition` takes."""
        return {
            "Name": f"vmbackup {self.name}",
            "IsCustom": True,
            "Description": self.description,
            "Actions": list(self.actions),
            "NotActions": [],
            "DataActions": [],
            "NotDataActions": [],
            "AssignableScopes": list(scopes) or [EXAMPLE_SCOPE],
        }


def azure_roles(facts: Mapping[Action, ActionFacts]) -> tuple[AzureRole, ...]:
    """The advisor's role, which only reads, and those of what may be requested.

    `facts` are those of every action: each states its verbs, and each verb its permissions.
    """
    operated = [each for each in Action if each not in (*_RESTORES, *_DELETES)]
    return (
        AzureRole(
            "advisor",
            "Reads what an advice of vmbackup needs; changes nothing.",
            "every subscription or management group that is advised on",
            _sorted(FINDS, *READS.values()),
        ),
        AzureRole(
            "snapshot-operator",
            "Takes, copies, extends and deletes the snapshots and restore points of vmbackup.",
            "the resource groups whose VMs may be snapshotted, and those of the snapshots",
            _of_actions(facts, operated),
        ),
        AzureRole(
            "restore-operator",
            "Makes disks of the points of vmbackup, attaches them, and swaps a VM's OS disk.",
            "the resource groups whose VMs may be restored; leave it out for none",
            _of_actions(facts, _RESTORES),
        ),
    )


def _of_actions(facts: Mapping[Action, ActionFacts], actions: Iterable[Action]) -> tuple[str, ...]:
    return _sorted(*(PERMISSIONS[verb] for each in actions for verb in facts[each].verbs))


def _sorted(*groups: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({ASKS_WHAT_IT_MAY, *(action for group in groups for action in group)}))

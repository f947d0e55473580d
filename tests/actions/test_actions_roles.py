"""The custom roles of Azure hold what the product does, and nothing that it does not do."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

import pytest
from click.testing import CliRunner

from advisor.azure.permissions import READS, read_of
from advisor.errors import UsageError
from advisor.inventory.own_resources import made_query
from advisor.inventory.resource_graph import names_query, queries, regions_query
from bot.azure.azure_roles import azure_roles
from bot.azure.permissions import PERMISSIONS
from bot.azure.refusals import RefusedForGood
from bot.azure.verbs import VERBS
from bot.cli import vmbackup
from bot.composition.actions import action_facts
from bot.requests.action import Action
from deploy.local.azure.identity import OPERATOR, Grant, SignIn
from deploy.local.azure.metadata import subscription_ids
from deploy.local.azure.server import AzureStandIn
from tests.actions.doing_all import doing

ROLES = {role.name: role for role in azure_roles(action_facts())}
_TYPE = re.compile(r"'(microsoft\.\w+(?:/\w+)+)'")


def printed(*words: str) -> str:
    ran = CliRunner().invoke(vmbackup(), ["roles", *words])
    if ran.exception:
        raise ran.exception
    return ran.output


@pytest.mark.parametrize(
    "query",
    [*queries(None), names_query(), regions_query(), made_query("vmb-")],
    ids=lambda query: query.what,
)
def test_the_advisor_may_read_every_type_that_a_query_names(query: object) -> None:
    types = _TYPE.findall(query.text.lower())  # type: ignore[attr-defined]
    assert types
    held = {action.lower() for action in ROLES["advisor"].actions}
    assert {read_of(each).lower() for each in types} <= held


def test_the_advisor_only_reads() -> None:
    assert all(action.endswith("/read") for action in ROLES["advisor"].actions)
    assert {action for group in READS.values() for action in group} <= {*ROLES["advisor"].actions}


def test_every_action_finds_each_of_its_permissions_in_an_operators_role() -> None:
    held = {*ROLES["snapshot-operator"].actions, *ROLES["restore-operator"].actions}
    for action, facts in action_facts().items():
        needed = {each for verb in facts.verbs for each in PERMISSIONS[verb]}
        assert needed <= held, action


def test_what_is_made_for_a_snapshot_can_be_deleted_without_the_right_to_restore() -> None:
    verbs = action_facts()[Action.DELETE].verbs & action_facts()[Action.SNAPSHOT].verbs
    assert verbs == {"delete-snapshot", "delete-restore-point"}
    needed = {each for verb in verbs for each in PERMISSIONS[verb]}
    assert needed <= {*ROLES["snapshot-operator"].actions}


def test_the_snapshot_operator_changes_neither_a_vm_nor_a_disk() -> None:
    changes = [each for each in ROLES["snapshot-operator"].actions if not each.endswith("/read")]
    assert changes
    assert not [each for each in changes if "/virtualMachines/" in each]
    assert [each for each in changes if "/disks/" in each] == [
        "Microsoft.Compute/disks/beginGetAccess/action"
    ]


@pytest.mark.parametrize("role", ROLES.values(), ids=ROLES)
def test_no_role_has_a_wildcard_and_each_can_be_asked_what_it_may(role: object) -> None:
    actions = role.actions  # type: ignore[attr-defined]
    assert not [each for each in actions if "*" in each]
    assert "Microsoft.Authorization/permissions/read" in actions


def test_a_role_is_printed_as_az_takes_it_for_the_scopes_that_are_named() -> None:
    scopes = ["/subscriptions/s1/resourceGroups/rg-a", "/subscriptions/s2"]
    said = json.loads(printed("restore-operator", "--scope", scopes[0] + "/", "--scope", scopes[1]))
    assert said["Name"] == "vmbackup restore-operator"
    assert said["IsCustom"] is True
    assert said["AssignableScopes"] == scopes
    assert tuple(said["Actions"]) == ROLES["restore-operator"].actions


def test_all_roles_are_printed_for_programs_and_for_people() -> None:
    assert [each["Name"] for each in json.loads(printed("--json"))] == [
        f"vmbackup {name}" for name in ROLES
    ]
    said = printed()
    assert all(f"{role.name}: {role.description}" in said for role in ROLES.values())


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("owner",), "There is no role “owner”. There are advisor, snapshot-operator"),
        (("advisor", "--scope", "rg-a"), "“rg-a” is no scope. Write /subscriptions/ID"),
        (("--scope", "/subscriptions/s1"), "--scope belongs to one role or to --json."),
    ],
)
def test_what_is_no_role_and_no_scope_is_said(words: tuple[str, ...], sentence: str) -> None:
    with pytest.raises(UsageError, match=re.escape(sentence)):
        printed(*words)


async def test_the_roles_suffice_for_every_action_over_the_wire() -> None:
    """Each request is checked against the roles, at the scope of what it changes."""
    async with doing({}) as all_done:
        _grant(all_done.azure, [each for role in ROLES.values() for each in role.actions])
        await all_done.everything_about("web-01")
    assert all_done.verbs == {*VERBS}


@pytest.mark.parametrize(
    "action",
    [
        "Microsoft.Compute/snapshots/write",
        "Microsoft.Compute/disks/beginGetAccess/action",
        "Microsoft.Compute/virtualMachines/attachDetachDataDisks/action",
        "Microsoft.Compute/restorePointCollections/restorePoints/delete",
    ],
)
async def test_a_role_without_one_action_is_refused_what_that_allows(action: str) -> None:
    async with doing({}) as all_done:
        held = {each for role in ROLES.values() for each in role.actions}
        _grant(all_done.azure, sorted(held - {action}))
        with pytest.raises(RefusedForGood, match=re.escape(action)):
            await all_done.everything_about("web-01")


def _grant(azure: AzureStandIn, actions: Sequence[str]) -> None:
    sign_in = azure.world.part(SignIn)
    sign_in.grants[OPERATOR.client_id] = tuple(
        Grant(f"/subscriptions/{each}", tuple(actions)) for each in subscription_ids(azure.world)
    )

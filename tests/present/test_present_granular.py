"""The command that makes a vault bill each item by itself, and for which vaults it is printed."""

from __future__ import annotations

import json
import shlex

import pytest

from advisor.inventory.recovery_services import parse_vault
from advisor.model import InPlace, Protection, ProtectionKind, ProtectionState, Vault
from advisor.present.as_text import document_text
from advisor.present.blocks import Command, Document
from advisor.present.granular_billing import granular_billing, granular_commands, switch_on

VAULT = (
    "/subscriptions/0b9e4d17/resourceGroups/rg (o'x)/providers/Microsoft.RecoveryServices/vaults/v"
)


def in_place(granularity: str | None, kind: ProtectionKind = ProtectionKind.BACKUP) -> InPlace:
    vault = Vault(id=VAULT, name="v", granularity=granularity)
    found = Protection(kind=kind, state=ProtectionState.ACTIVE, vault=vault)
    return InPlace(protection=found, age=None, assessment=None, sentence="")


def test_the_command_is_one_request_that_sets_this_and_nothing_else() -> None:
    words = shlex.split(switch_on(VAULT))
    assert words[:5] == ["az", "rest", "--method", "patch", "--url"]
    assert words[5] == f"{VAULT}?api-version=2026-11-01"
    assert json.loads(words[7]) == {
        "properties": {"costManagementSettings": {"granularityLevel": "ProtectedItemLevel"}}
    }


def test_it_is_printed_with_what_changes_for_a_vault_that_bills_as_a_whole() -> None:
    twice = [in_place("VaultLevel"), in_place("VaultLevel")]
    said, changes = granular_billing(twice)
    assert "Vault v bills all it protects together" in said
    assert granular_commands(twice) == (switch_on(VAULT),)
    assert "Only what is charged afterwards changes" in changes


@pytest.mark.parametrize(
    "found",
    [
        in_place(None),
        in_place("ProtectedItemLevel"),
        in_place("protectedItemWithParentTag"),
        in_place("VaultLevel", ProtectionKind.SITE_RECOVERY),
    ],
)
def test_it_is_not_printed_where_it_is_on_not_known_or_of_no_use(found: InPlace) -> None:
    assert granular_billing([found]) == granular_commands([found]) == ()


def test_it_is_never_broken_over_lines_so_that_it_can_be_copied() -> None:
    document = Document("x", (Command(switch_on(VAULT)),))
    for width in (60, 100):
        assert switch_on(VAULT) in document_text(document, width=width, color=False).splitlines()


@pytest.mark.parametrize(
    ("settings", "level"),
    [
        ({}, "VaultLevel"),
        (
            {"costManagementSettings": {"granularityLevel": "ProtectedItemLevel"}},
            "ProtectedItemLevel",
        ),
    ],
)
def test_a_vault_that_does_not_say_it_has_arms_default(
    settings: dict[str, object], level: str
) -> None:
    arm_id = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.RecoveryServices/vaults/v"
    body = {"id": arm_id, "name": "v", "location": "westeurope", "properties": settings}
    assert parse_vault(body, "file", "$").granularity == level

"""The world of a batch remembers what came to be, and what Azure gave up of it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.chaos.gathering import made_of
from tests.chaos.setting import Remembered

KEY = "/subscriptions/s/resourcegroups/rg/providers/microsoft.compute/snapshots/os"


def snapshot(state: str) -> dict[str, Any]:
    return {
        "id": KEY,
        "type": "Microsoft.Compute/snapshots",
        "tags": {"vmbackup-request": "r-1"},
        "properties": {
            "provisioningState": state,
            "creationData": {"sourceResourceId": "/disks/os"},
        },
    }


@pytest.mark.parametrize(("state", "has_failed"), [("Failed", True), ("Succeeded", False)])
def test_what_azure_gave_up_and_was_deleted_is_told_from_what_was_there(
    state: str, has_failed: bool
) -> None:
    resources = Remembered()
    resources.is_watching = True
    resources[KEY] = snapshot("Updating")
    resources[KEY] = snapshot(state)
    assert resources.pop(KEY, None) is not None
    resources[KEY] = snapshot("Succeeded")
    assert [each.has_failed for each in made_of(resources, ["r-1"])] == [has_failed, False]


def test_what_was_never_there_is_no_mistake() -> None:
    assert Remembered().pop(KEY, None) is None

"""Every body that leaves for Azure, held against the SDK's own model of it.

Nothing here is made by hand: the bodies are what came over the wire when every action was planned,
carried out and undone (tests/actions/doing_all.py).
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from bot.azure.verbs import VERBS
from bot.requests.action import Action
from deploy.local.azure.server import Asking
from tests.actions.doing_all import doing

#: VMs of the sample fleet whose disks fill different parts of a body: zones and tiers; a key of
#: one's own; performance and sectors of Ultra disks.
VMS = ("web-01", "pay-01", "hana-01")
#: What else a disk may be set to, and those of web-01 are not.
ALL_SET = {
    "maxShares": 2,
    "burstingEnabled": True,
    "networkAccessPolicy": "AllowPrivate",
    "diskAccessId": "/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/diskAccesses/a",
}
#: The SDK's model of the body of each operation that has one.
MODEL_OF = {
    "Snapshots_CreateOrUpdate": "Snapshot",
    "Snapshots_Update": "SnapshotUpdate",
    "RestorePointCollections_CreateOrUpdate": "RestorePointCollection",
    "RestorePoints_Create": "RestorePoint",
    "Disks_CreateOrUpdate": "Disk",
    "VirtualMachines_Update": "VirtualMachineUpdate",
    "VirtualMachines_AttachDetachDataDisks": "AttachDetachDataDisksRequest",
}


@pytest.mark.parametrize("vm", VMS)
async def test_the_sdks_model_holds_whatever_is_sent_about_a_vm_without_loss(vm: str) -> None:
    async with doing(ALL_SET if vm == "web-01" else {}) as all_done:
        await all_done.everything_about(vm)
    with_body = [request for request in all_done.sent if request.body]
    assert with_body
    assert {request.name for request in with_body} <= {*MODEL_OF}
    for request in with_body:
        assert lost_in(request) == [], request.name
    if vm == "web-01":  # pay-01, say, is not copied: its key does not leave its region
        assert {plan.action for plan in all_done.plans} == {*Action}
        assert all_done.verbs == {*VERBS}
        assert {request.name for request in with_body} == {*MODEL_OF}


def lost_in(request: Asking) -> list[str]:
    """What the SDK's model does not declare of a body, or would send otherwise."""
    from azure.mgmt.compute import models

    body = json.loads(request.body)
    model = getattr(models, MODEL_OF[request.name])(body)
    sent = model.as_dict(exclude_readonly=True)
    return unknown_fields(model) + ([] if sent == body else [f"{sent} is not {body}"])


def unknown_fields(model: Any) -> list[str]:
    """The fields of a body that the SDK's model does not declare, however deep."""
    attributes = {field._rest_name: name for name, field in model._attr_to_rest_field.items()}
    unknown = [name for name in model if name not in attributes]
    held = [getattr(model, attributes[name]) for name in model if name in attributes]
    flat = [one for each in held for one in (each if isinstance(each, list) else [each])]
    return unknown + [
        name for one in flat if hasattr(one, "_attr_to_rest_field") for name in unknown_fields(one)
    ]


@pytest.mark.parametrize(
    ("changed", "lost"),
    [
        ({"properties": {"sourceResourceId": "/x"}}, "sourceResourceId"),
        ({"properties": {"creationData": {"sourceId": "/x"}}}, "sourceId"),
        ({"uniqueId": "U-1"}, "uniqueId"),
        ({"properties": {"uniqueId": "U-1"}}, "is not"),
    ],
)
def test_a_field_that_azure_would_not_take_is_found(changed: dict[str, Any], lost: str) -> None:
    body = json.dumps({"location": "westeurope", **changed}).encode()
    request = Asking("Snapshots_CreateOrUpdate", "PUT", "", {}, {}, body)
    assert any(lost in one for one in lost_in(request))

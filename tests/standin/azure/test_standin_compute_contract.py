"""The stand-in's answers beside Microsoft's examples and the SDK's models: same names, same types.

The examples are read where they lie; where they are absent these tests are skipped, saying so.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from deploy.local.azure.server import AzureStandIn
from deploy.local.fleet.sample import sample_world
from tests.standin.azure.running_azure import (
    REGION,
    arm_id,
    incremental,
    small_world,
    snapshot_of,
    talking,
)

EXAMPLES = Path(__file__).parents[4] / "shared" / "azure-rest" / "examples" / "compute"

#: How an example's file name begins -> the SDK's model of what it answers; the longest one counts.
KINDS = {
    "Snapshot_": "Snapshot",
    "Snapshot_BeginGetAccess": "AccessUri",
    "Snapshot_UpdateImmutabilityPolicy": "ImmutabilityPolicyData",
    "Disk_": "Disk",
    "Disk_BeginGetAccess": "AccessUri",
    "VirtualMachine_": "VirtualMachine",
    "VirtualMachine_Get_InstanceView": "VirtualMachineInstanceView",
    "VirtualMachine_AttachDetachDataDisks": "StorageProfile",
    "RestorePointCollection_": "RestorePointCollection",
    "RestorePoint_": "RestorePoint",
    "ListAvailableResourceSkus": "ResourceSku",
}
#: Operations that the stand-in does not play.
NOT_PLAYED = ("VirtualMachineExtension_", "VirtualMachine_ListAvailableVmSizes")

Types = dict[str, set[str]]


def example_files() -> list[Path]:
    return sorted(EXAMPLES.rglob("*.json"))


def kind_of(file: Path) -> str | None:
    if file.name.startswith(NOT_PLAYED):
        return None
    return KINDS[max((one for one in KINDS if file.name.startswith(one)), key=len)]


def test_the_examples_are_there() -> None:
    if not EXAMPLES.is_dir():
        pytest.skip(f"Microsoft's examples are not at {EXAMPLES}.")
    assert len(example_files()) > 80


# --- what the stand-in answers ---------------------------------------------------------------


@pytest.fixture
async def answers() -> dict[str, list[Any]]:
    """What the stand-in answers, by the SDK's model of it: reads of the sample fleet, and one of
    every kind made here."""
    found: dict[str, list[Any]] = {}
    async with AzureStandIn(small_world()) as azure, talking(azure) as session:
        await _make_one_of_each(session)
        await _read_all(session, found)
        await _changes(session, found)
    async with AzureStandIn(sample_world()) as azure, talking(azure) as session:
        await _read_all(session, found)
    return found


VM = arm_id("virtualMachines", "web-01")
COLLECTION = arm_id("restorePointCollections", "points")
VERSION = "?api-version=2026-04-01"


async def _make_one_of_each(session: Any) -> None:
    bodies = {
        arm_id("snapshots", "s"): incremental(tags={"a": "b"}),
        arm_id("snapshots", "full"): snapshot_of(arm_id("disks", "web-01-os")),
        arm_id("snapshots", "direct"): incremental("v2"),
        arm_id("snapshots", "copy"): snapshot_of(
            arm_id("snapshots", "s"), "CopyStart", location="northeurope"
        ),
        arm_id("disks", "restored"): snapshot_of(arm_id("snapshots", "full")),
        COLLECTION: {"location": REGION, "properties": {"source": {"id": VM}}},
        f"{COLLECTION}/restorePoints/p": {"properties": {}},
    }
    for path, body in bodies.items():
        answer = await session.put(f"{path}{VERSION}", json=body)
        assert answer.status in (201, 202), await answer.text()


async def _read_all(session: Any, found: dict[str, list[Any]]) -> None:
    async def read(path: str, **query: str) -> Any:
        answer = await session.get(path, params={"api-version": "2026-04-01", **query})
        assert answer.status == 200, await answer.text()
        return await answer.json()

    for subscription in (await read("/subscriptions"))["value"]:
        compute = f"{subscription['id']}/providers/Microsoft.Compute"
        for kind, model in (
            ("snapshots", "Snapshot"),
            ("disks", "Disk"),
            ("virtualMachines", "VirtualMachine"),
            ("skus", "ResourceSku"),
        ):
            found.setdefault(model, []).extend((await read(f"{compute}/{kind}"))["value"])
        views = await read(f"{compute}/virtualMachines", statusOnly="true")
        for vm in views["value"]:
            found["VirtualMachine"].append(vm)
            view = vm["properties"]["instanceView"]
            found.setdefault("VirtualMachineInstanceView", []).append(view)
        for one in (await read(f"{compute}/restorePointCollections"))["value"]:
            full = await read(one["id"], **{"$expand": "restorePoints"})
            found.setdefault("RestorePointCollection", []).append(full)
            for point in full["properties"]["restorePoints"]:
                shown = await read(point["id"], **{"$expand": "instanceView"})
                found.setdefault("RestorePoint", []).append(shown)


async def _changes(session: Any, found: dict[str, list[Any]]) -> None:
    """What actions give at the end of their operation."""
    policy = {"immutabilityDurationDays": 7, "type": "Unlocked"}
    attaching = {"dataDisksToAttach": [{"diskId": arm_id("disks", "loose")}]}
    grant = {"access": "Read", "durationInSeconds": 60}
    rows = (
        ("AccessUri", f"{arm_id('snapshots', 's')}/beginGetAccess", grant),
        ("ImmutabilityPolicyData", f"{arm_id('snapshots', 's')}/updateImmutabilityPolicy", policy),
        ("StorageProfile", f"{VM}/attachDetachDataDisks", attaching),
    )
    for model, path, body in rows:
        begun = await session.post(f"{path}{VERSION}", json=body)
        over = await session.get(begun.headers["Location"])
        found[model] = [await over.json()]
    snapshot = await session.get(f"{arm_id('snapshots', 's')}{VERSION}")
    found["Snapshot"].append(await snapshot.json())


# --- the comparison --------------------------------------------------------------------------


#: Objects whose keys are data and no field names.
OPEN = ("tags", "settings", "protectedSettings", "userAssignedIdentities")


def types_in(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Every field's path, its names lower-cased, with the JSON type; items of a list are one."""
    if isinstance(value, dict):
        yield path, "object"
        for key, inner in value.items():
            if not path.endswith(OPEN):
                yield from types_in(inner, f"{path}.{key}".strip("."))
    elif isinstance(value, list):
        yield path, "array"
        for inner in value:
            yield from types_in(inner, f"{path}[]")
    elif value is not None:
        yield path, _primitive(value)


def _primitive(value: object) -> str:
    if isinstance(value, bool):
        return "boolean"
    return "number" if isinstance(value, int | float) else "string"


def collected(values: list[Any]) -> Types:
    types: Types = {}
    for value in values:
        for path, kind in types_in(value):
            types.setdefault(path, set()).add(kind)
    return types


def bodies_of(file: Path) -> list[Any]:
    """The bodies an example answers with; those of a list one by one."""
    answers = json.loads(file.read_text())["responses"].values()
    found = [answer["body"] for answer in answers if answer.get("body")]
    return [
        one
        for body in found
        for one in (body["value"] if isinstance(body.get("value"), list) else [body])
    ]


async def test_every_field_has_the_type_it_has_in_the_examples(
    answers: dict[str, list[Any]],
) -> None:
    if not EXAMPLES.is_dir():
        pytest.skip(f"Microsoft's examples are not at {EXAMPLES}.")
    ours = {model: collected(values) for model, values in answers.items()}
    compared = 0
    for file in example_files():
        model = kind_of(file)
        if model is None:
            continue
        for path, types in collected(bodies_of(file)).items():
            if path in ours[model]:
                compared += 1
                assert ours[model][path] == types, f"{file.name}: {path}"
    assert compared > 500


async def test_every_field_is_known_to_the_examples_or_the_sdk(
    answers: dict[str, list[Any]],
) -> None:
    from azure.mgmt.compute import models
    from azure.mgmt.compute._utils.model_base import _deserialize

    if not EXAMPLES.exists():
        pytest.skip(f"Microsoft's examples are not at {EXAMPLES}.")
    known: dict[str, Types] = {}
    for file in example_files():
        if model := kind_of(file):
            known.setdefault(model, {}).update(collected(bodies_of(file)))
    for model, values in answers.items():
        assert values, model
        for value in values:
            typed = _deserialize(getattr(models, model), value)
            strange = set(undeclared(typed, value)) - set(known.get(model, {}))
            assert not strange, f"{model}: {sorted(strange)}"


def undeclared(typed: Any, value: Any, path: str = "") -> Iterator[str]:
    """Paths of what the SDK's model has no attribute for. Reading every attribute also tries the
    conversion of each value to the model's type."""
    if isinstance(value, list):
        for model, inner in zip(typed, value, strict=True):
            yield from undeclared(model, inner, f"{path}[]")
        return
    if not isinstance(value, dict) or not hasattr(typed, "_attr_to_rest_field"):
        return
    names = {field._rest_name: name for name, field in typed._attr_to_rest_field.items()}
    for key, inner in value.items():
        here = f"{path}.{key}".strip(".")
        if key in names:
            yield from undeclared(getattr(typed, names[key]), inner, here)
        else:
            yield here


def test_a_field_that_nobody_knows_would_be_found() -> None:
    """The comparison itself can fail: a made-up field and a wrong type are both seen."""
    from azure.mgmt.compute import models
    from azure.mgmt.compute._utils.model_base import _deserialize

    body = {"id": "i", "properties": {"diskSizeGB": "8", "madeUp": 1}}
    assert list(undeclared(_deserialize(models.Disk, body), body)) == ["properties.madeUp"]
    assert collected([body])["properties.diskSizeGB"] == {"string"}

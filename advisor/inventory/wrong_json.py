"""JSON that is no list of Azure resources, by name: what each is taken for, and what to do.

A row tells one by the keys that stand on its top level, in any case. The first that fits is said.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from advisor.inventory import arm
from advisor.inventory.fields import no_object
from advisor.inventory.wrong_formats import shown

EXPORT = (
    "Export the VMs with az vm list -o json and the disks with az disk list -o json, or everything "
    "at once with vmbackup inventory query."
)
_WHOLE = (
    "Leave --query out (in Resource Graph, project), so that whole resources are printed: "
    "az vm list -o json."
)


class WrongJson(NamedTuple):
    """Something else that is JSON: the keys that tell it, lower-cased, and the sentences."""

    keys: frozenset[str]
    sentences: str


def _row(keys: str, sentences: str) -> WrongJson:
    return WrongJson(frozenset(keys.split()), sentences)


WRONG_JSON = (
    _row(
        "terraform_version",
        f"It is a state or a plan of Terraform, which knows only what Terraform made. {EXPORT}",
    ),
    _row(
        "$schema resources contentversion",
        f"It is a template: what is to be made, not what there is in Azure. {EXPORT}",
    ),
    _row(
        "$schema parameters contentversion",
        f"It holds a template's parameters, not what there is in Azure. {EXPORT}",
    ),
    _row(
        "statuses vmagent",
        "Get-AzVM -Status of one VM leaves its id and its disks out. Run Get-AzVM without -Status, "
        "or without -Name.",
    ),
    _row(
        "compute network",
        f"It is what the VM knows of itself (the metadata service), not the VM. {EXPORT}",
    ),
    _row(
        "virtualmachine",
        f"It is a list of addresses (az vm list-ip-addresses), not of VMs. {EXPORT}",
    ),
    _row("billingcurrency items", f"It is an answer of the price list, not of VMs. {EXPORT}"),
    _row("memoryinmb numberofcores", f"It is a list of VM sizes, not of VMs. {EXPORT}"),
    _row("tenantid isdefault", f"It is a list of subscriptions (az account list). {EXPORT}"),
    _row("assessments decision version", f"It is an advice of vmbackup itself. {EXPORT}"),
    _row("reservations", f"It is about instances of AWS, not VMs of Azure. {EXPORT}"),
)


def not_resources(whole: Mapping[str, Any]) -> str:
    """What an object on the top level is in place of a resource; empty where it may be one."""
    if arm.kind_of(whole):
        return ""
    keys = {key.lower() for key in whole}
    return next((row.sentences for row in WRONG_JSON if row.keys <= keys), "")


def azure_error(whole: Mapping[str, Any]) -> str:
    """The sentences where Azure answered with an error in place of resources; else empty."""
    body = {key.lower(): value for key, value in whole.items()}
    if "id" in body or not ("error" in body or {"code", "message"} <= set(body)):
        return ""
    inner = body.get("error", body)
    found = {key.lower(): value for key, value in inner.items()} if _object(inner) else {}
    code = shown(str(found.get("code") or "an error"))
    return (
        f"Azure answered with {code}, not with resources. Look with az account show who asks and "
        "in which subscription; then export it again."
    )


def _object(value: Any) -> bool:
    return isinstance(value, Mapping)


def not_a_row(value: Any) -> str:
    """What is wrong with an element of a list that is no object."""
    if isinstance(value, list):
        return "This must be an object, one resource, but is a list. Join lists with jq -s add."
    return no_object("This", value, f"This must be an object, one resource. {_WHOLE}")


def unknown_row(body: Mapping[str, Any]) -> str:
    """What is wrong with a row that does not say what it is."""
    if known := not_resources(body):
        return known
    return f"id is missing or is no Azure id: what this is, is unknown. {_WHOLE}"


def other_kind(kind: str) -> str:
    """What is wrong with a file of resources of which none is of ours; `kind`: of the first."""
    if kind == arm.VMSS_TYPE:
        return (
            "It holds scale sets, not their VMs. Export these with az vmss list-instances -g GROUP "
            "-n NAME -o json."
        )
    return (
        "It holds no VM, disk, snapshot, restore point, vault, policy or protected item, but "
        f"{shown(kind)}. {EXPORT}"
    )

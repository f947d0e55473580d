"""The tags on the resources that are made: the request, requester, approvers, expiry.

Limits of Azure's tags (azure-resource-manager/management/tag-resources, 2025-01-02): 50 a
resource, names of 512 and values of 256 characters, no < > % & \\ ? / in a name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from advisor.words import clean
from bot.requests.model import Approval, RequestPlan
from bot.requests.plan_hash import plan_hash
from bot.requests.request import Request

LONGEST_TAG_VALUE = 256

REQUEST_TAG = "vmbackup-request"
REQUESTER_TAG = "vmbackup-asker"
APPROVERS_TAG = "vmbackup-approvers"
REASON_TAG = "vmbackup-reason"
EXPIRES_TAG = "vmbackup-expires"
PLAN_TAG = "vmbackup-plan"
VM_TAG = "vmbackup-vm"

#: The requester in the tag where no person asked: a deletion after expiry.
VMBACKUP = "vmbackup"


def tags_of(request: Request, plan: RequestPlan, approvals: Iterable[Approval]) -> dict[str, str]:
    """The tags of every resource that this request makes; `EXPIRES_TAG` only with an expiry."""
    approvers = dict.fromkeys(
        one.user_id for one in approvals if one.revision == plan.revision and one.user_id
    )
    tags = {
        REQUEST_TAG: request.id,
        REQUESTER_TAG: request.requester.user_id or VMBACKUP,
        APPROVERS_TAG: _ids_that_fit(approvers),
        REASON_TAG: shortened(request.wish.reason),
        PLAN_TAG: plan_hash(plan),
        VM_TAG: vm_tag(plan),
    }
    expires = request.expires_at or plan.expires_at
    return tags | ({EXPIRES_TAG: iso(expires)} if expires else {})


def expiry_of(plan: RequestPlan, made_at: datetime) -> datetime | None:
    """The expiry of points made at `made_at`: that of the plan, else the retention from then on.

    None: the plan has neither.
    """
    if plan.expires_at or plan.keep is None:
        return plan.expires_at
    return made_at + plan.keep


def vm_tag(plan: RequestPlan) -> str:
    """`subscription/group/name`: a full ARM id may be longer than a tag's value."""
    return f"{plan.subscription_id}/{plan.resource_group}/{plan.vm_name}"


def vm_key_of(tags: Mapping[str, str]) -> str:
    """The lower-cased ARM id of the VM that the tag names; empty where no tag names one."""
    parts = tags.get(VM_TAG, "").lower().split("/")
    if len(parts) != 3 or not all(parts):
        return ""
    subscription, group, name = parts
    return (
        f"/subscriptions/{subscription}/resourcegroups/{group}"
        f"/providers/microsoft.compute/virtualmachines/{name}"
    )


def shortened(text: str) -> str:
    """One line that fits a tag's value."""
    line = clean(text)
    return line if len(line) <= LONGEST_TAG_VALUE else line[: LONGEST_TAG_VALUE - 1] + "…"


def iso(moment: datetime) -> str:
    """`2026-11-25T16:00:00Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _ids_that_fit(user_ids: Iterable[str]) -> str:
    """The ids with spaces between; where not all fit, whole ids and the number of the others."""
    every = list(user_ids)
    for count in range(len(every), 0, -1):
        rest = f" +{len(every) - count}" if count < len(every) else ""
        text = " ".join(every[:count]) + rest
        if len(text) <= LONGEST_TAG_VALUE:
            return text
    return "" if not every else f"+{len(every)}"

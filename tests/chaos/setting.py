"""Where a batch plays: its VMs, its people and channels, and the rules that they live by.

Each schedule has a VM in a resource group of its own, so that whatever is asked of Azure for it
has that group in its path. Everybody who asks is an approver, too: an own approval is refused for
being one's own and for nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from deploy.local.azure.graph.quota import QUERIES_A_WINDOW, Quota
from deploy.local.azure.world import Body, World
from deploy.local.fleet.compute import DiskSpec, VmSpec, vm_bodies
from deploy.local.fleet.containers import container_bodies
from deploy.local.slack.people import APPROVERS, BOT, Channel, Person
from deploy.local.slack.standin import SlackStandIn
from tests.chaos.schedules import Schedule

SUBSCRIPTION = "00000000-0000-4000-8000-0000000c4a05"
REGION = "westeurope"
CHANNELS = 30
_REQUESTERS, _APPROVERS = 6, 8
_AGE = timedelta(days=200)
_SIZES_GIB = (32, 64, 128)


def vm_name(schedule: Schedule) -> str:
    return f"chaos-{schedule.number:04}"


def group_of(schedule: Schedule) -> str:
    return f"rg-{vm_name(schedule)}"


def vm_id(schedule: Schedule) -> str:
    """In lower case."""
    return _spec(schedule).id.lower()


def channel_of(schedule: Schedule) -> str:
    return f"C1CHAOS{schedule.number % CHANNELS:02}"


def requester_of(schedule: Schedule) -> str:
    return f"U1REQUESTER{schedule.number % _REQUESTERS}"


def approvers_of(schedule: Schedule) -> tuple[str, str]:
    """The two who press, if they are needed."""
    first = schedule.number % _APPROVERS
    return f"U2APPROVER{first}", f"U2APPROVER{(first + 3) % _APPROVERS}"


NOT_ALLOWED = "U3NOBODY"
_MEMBERS = tuple(f"U1REQUESTER{number}" for number in range(_REQUESTERS)) + tuple(
    f"U2APPROVER{number}" for number in range(_APPROVERS)
)


def may_approve(schedule: Schedule) -> frozenset[str]:
    """By the rules below, in the harness's own words."""
    return frozenset(_MEMBERS) - {requester_of(schedule)}


# --- Azure -----------------------------------------------------------------------------------


class Remembered(dict[str, Body]):
    """The world's resources, and when each came to be once `is_watching` was set."""

    def __init__(self) -> None:
        super().__init__()
        self.is_watching = False
        self.came: list[tuple[datetime, Body]] = []
        #: of those that were deleted after Azure had begun them and given up: their places
        self.gave_up: set[int] = set()
        self._came_last: dict[str, int] = {}

    def __setitem__(self, key: str, body: Body) -> None:
        if self.is_watching and key not in self:
            self._came_last[key] = len(self.came)
            self.came.append((datetime.now(UTC), body))
        super().__setitem__(key, body)

    def pop(self, key: str, *default: Any) -> Any:
        body = super().pop(key, *default)
        if key in self._came_last and _has_failed(body):
            self.gave_up.add(self._came_last[key])
        return body


def _has_failed(body: Body | None) -> bool:
    state = ((body or {}).get("properties") or {}).get("provisioningState", "")
    return str(state).lower() == "failed"


def chaos_world(found: Sequence[Schedule]) -> tuple[World, Remembered]:
    """A VM for each schedule, and the log of what is made from now on."""
    resources = Remembered()
    world = World(resources=resources)
    world.part(Quota).most = QUERIES_A_WINDOW * 1000  # 429s are drawn, not met by chance
    for schedule in found:
        for body in vm_bodies(_spec(schedule), world.now - _AGE):
            world.put(body)
    for body in container_bodies(list(resources.values()), {SUBSCRIPTION: "Chaos"}):
        world.put(body)
    resources.is_watching = True
    return world, resources


def _spec(schedule: Schedule) -> VmSpec:
    skus = ("Premium_LRS", "StandardSSD_LRS", "Standard_LRS")
    disks = [
        DiskSpec(sku=skus[(schedule.number + index) % 3], size_gib=_SIZES_GIB[index])
        for index in range(schedule.disks)
    ]
    return VmSpec(
        name=vm_name(schedule),
        group=group_of(schedule),
        subscription=SUBSCRIPTION,
        region=REGION,
        size="Standard_D2s_v5",
        image="windows-2022" if schedule.number % 2 else "ubuntu-22",
        disks=disks,
    )


# --- Slack -----------------------------------------------------------------------------------


def fill_workspace(slack: SlackStandIn) -> None:
    """The people, the group and the channels of the rules; no rate limit of its own.

    Slack's 429s are faults here: what is drawn is what happens.
    """
    workspace = slack.workspace
    workspace.is_rate_limited = False
    for user_id in (*_MEMBERS, NOT_ALLOWED):
        workspace.people[user_id] = Person(user_id, user_id.lower(), user_id.title())
    workspace.groups[APPROVERS.id] = replace(APPROVERS, members=_MEMBERS)
    everybody = {*_MEMBERS, NOT_ALLOWED, BOT.id}
    for number in range(CHANNELS):
        channel = Channel(f"C1CHAOS{number:02}", f"chaos-{number:02}", set(everybody))
        workspace.channels[channel.id] = channel
        workspace.messages[channel.id] = {}


# --- the rules -------------------------------------------------------------------------------


def write_rules(found: Sequence[Schedule], path: Path) -> None:
    """vmbackup.toml: a rule for each channel and number of approvals."""
    parts = [_HEAD]
    for (channel, approvals), groups in _by_rule(found).items():
        quoted = ", ".join(f'"{group}"' for group in groups)
        free = 'without_approval = { cost_below = 100000, keep_at_most = "30d" }'
        parts.append(
            f'[[requests.rules]]\nname = "{channel} {approvals}"\nchannel = "{channel}"\n'
            f"resource_groups = [{quoted}]\n"
            f'approver_groups = ["{APPROVERS.id}"]\n'
            f"approvals = {max(approvals, 1)}\n" + ("" if approvals else free + "\n")
        )
    path.write_text("\n".join(parts), encoding="utf-8")


_HEAD = "[requests.ask]\neverybody = true\n"


def _by_rule(found: Sequence[Schedule]) -> dict[tuple[str, int], list[str]]:
    rules: dict[tuple[str, int], list[str]] = {}
    for schedule in found:
        rules.setdefault((channel_of(schedule), schedule.approvals), []).append(group_of(schedule))
    return rules


def words_of(schedule: Schedule) -> str:
    """What is typed."""
    option = " --consistent" if schedule.consistent else ""
    return f"/vmbackup snapshot {vm_name(schedule)} chaos {schedule.number} --keep 2d{option}"


def buttons_of(blocks: Sequence[dict[str, Any]], action_id: str) -> list[dict[str, Any]]:
    """The elements of that action in a message."""
    return [
        element
        for block in blocks
        for element in block.get("elements", ())
        if element.get("action_id") == action_id
    ]

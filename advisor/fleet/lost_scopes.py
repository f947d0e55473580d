"""Subscriptions and resource groups of which nothing comes any more: gone is not unreadable."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

from advisor.fleet.seen import SeenVm
from advisor.inventory.arm import split_id
from advisor.words import clean, counted


class LostScope(NamedTuple):
    """What is told of a subscription, or of a resource group of one.

    `vms`: how many VMs are meant, that were known; `why`: a clause.
    """

    subscription_id: str
    vms: int
    is_gone: bool  #: else it cannot be read, and what it has is not known
    why: str
    group: str = ""  #: its name; empty: the whole subscription is meant

    @property
    def name(self) -> str:
        """What it is called at the beginning of a line."""
        if self.group:
            return f"Resource group {self.group} (subscription {self.subscription_id})"
        return f"Subscription {self.subscription_id}"

    @property
    def said(self) -> str:
        """A sentence or two."""
        vms = counted(self.vms, "VM")
        if self.is_gone:
            return f"It is gone, and with it {vms}: {self.why}."
        if self.group:
            them = "it" if self.vms == 1 else "them"
            return (
                f"{vms} in it cannot be read any more: {self.why}. What became of {them} is not"
                " known."
            )
        return (
            f"It cannot be read any more: {self.why}. What became of the {vms} that it had is not"
            " known."
        )


def subscription_of(vm: SeenVm) -> str:
    """Lower-cased; empty where its id is none."""
    parts = split_id(vm.vm_id)
    return parts.subscription.lower() if parts else ""


def to_ask_about(before: Mapping[str, SeenVm], read: Collection[str]) -> frozenset[str]:
    """Those of which VMs are remembered, and nothing was read."""
    return frozenset(filter(None, map(subscription_of, before.values()))).difference(read)


def of_subscription(before: Mapping[str, SeenVm], subscription_id: str) -> Iterator[SeenVm]:
    """What is remembered of its VMs."""
    return (vm for vm in before.values() if subscription_of(vm) == subscription_id)


def lost(
    before: Mapping[str, SeenVm], gone: Mapping[str, str], unreadable: Mapping[str, str]
) -> tuple[LostScope, ...]:
    """What is told of subscriptions, by id with the reason; an unreadable one is told once."""
    told = []
    for each, why in (*gone.items(), *unreadable.items()):
        vms = list(of_subscription(before, each))
        if vms and (each in gone or not all(vm.is_lost for vm in vms)):
            told.append(LostScope(each, len(vms), each in gone, clean(why)))
    return tuple(sorted(told, key=lambda one: (not one.is_gone, -one.vms, one.subscription_id)))


def lost_groups(
    before: Mapping[str, SeenVm], unreadable: Mapping[str, str]
) -> tuple[LostScope, ...]:
    """What is told of VMs that cannot be read any more, by their resource groups, each VM once.

    `unreadable`: why, by the key of the VM.
    """
    of_group: dict[tuple[str, str], list[SeenVm]] = defaultdict(list)
    for key in unreadable:
        if key in before and not before[key].is_lost:
            vm = before[key]
            of_group[subscription_of(vm), vm.group.lower()].append(vm)
    told = [
        LostScope(subscription, len(vms), False, clean(unreadable[vms[0].key]), vms[0].group)
        for (subscription, _), vms in of_group.items()
    ]
    return tuple(sorted(told, key=lambda one: (-one.vms, one.subscription_id, one.group)))

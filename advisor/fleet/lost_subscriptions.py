"""Subscriptions that had VMs, and of which nothing came this time: gone is not unreadable."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

from advisor.fleet.seen import SeenVm
from advisor.inventory.arm import split_id
from advisor.words import clean, counted


class LostSubscription(NamedTuple):
    """What is told of one. `vms`: how many VMs of it were known; `why`: a clause."""

    subscription_id: str
    vms: int
    is_gone: bool  #: else it cannot be read, and what it has is not known
    why: str

    @property
    def said(self) -> str:
        """A sentence or two."""
        vms = counted(self.vms, "VM")
        if self.is_gone:
            return f"It is gone, and with it {vms}: {self.why}."
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
) -> tuple[LostSubscription, ...]:
    """What is told of them, by id with the reason; that one cannot be read is told once."""
    told = []
    for each, why in (*gone.items(), *unreadable.items()):
        vms = list(of_subscription(before, each))
        if vms and (each in gone or not all(vm.is_lost for vm in vms)):
            told.append(LostSubscription(each, len(vms), each in gone, clean(why)))
    return tuple(sorted(told, key=lambda one: (not one.is_gone, -one.vms, one.subscription_id)))

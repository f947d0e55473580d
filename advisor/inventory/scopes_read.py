"""Of which subscriptions and resource groups something came: elsewhere nothing is surely gone."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from advisor.inventory.arm import ArmId, split_id


class ScopesRead(NamedTuple):
    """Where something was read; all lower-cased.

    Role assignments are per resource group, too: in a subscription of which something came, a
    group of which nothing did may be one that is gone, or one that may not be read.
    """

    subscriptions: frozenset[str] = frozenset()  #: of which VMs or disks came
    #: Of which VMs, disks or snapshots came, as `subscription/group`.
    groups: frozenset[str] = frozenset()

    def has_subscription_of(self, one: ArmId) -> bool:
        """Whether its subscription was read."""
        return one.subscription.lower() in self.subscriptions

    def has_group_of(self, one: ArmId) -> bool:
        """Whether its resource group was read for sure: only then it is gone where it is absent."""
        return _group(one) in self.groups


def scopes_read(machines: Iterable[str], snapshots: Iterable[str]) -> ScopesRead:
    """Of the ids of VMs and disks, and of those of snapshots."""
    of_machines = [parts for parts in map(split_id, machines) if parts]
    of_snapshots = [parts for parts in map(split_id, snapshots) if parts]
    return ScopesRead(
        frozenset(each.subscription.lower() for each in of_machines),
        frozenset(map(_group, (*of_machines, *of_snapshots))),
    )


def all_scopes(every: Iterable[ScopesRead]) -> ScopesRead:
    """Those of several pieces together."""
    held = list(every)
    return ScopesRead(
        frozenset().union(*(one.subscriptions for one in held)),
        frozenset().union(*(one.groups for one in held)),
    )


def _group(one: ArmId) -> str:
    return f"{one.subscription}/{one.resource_group}".lower()

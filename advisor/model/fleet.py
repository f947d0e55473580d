"""Many VMs at once: what was decided about each, what was found, and the sums of all.

MoneySpan is a month's, in the report's one currency. What is not known is None, never 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from advisor.model.advice import Course, StateNow
from advisor.model.basics import Event, Meets
from advisor.model.proposal import Monthly


class FindingKind(StrEnum):
    """What may be wrong in a fleet, the worst first."""

    UNPROTECTED = "unprotected"
    BROKEN = "broken"
    GAP = "gap"  #: a disk with data that no point holds
    NEED_NOT_MET = "need-not-met"
    UNKNOWN = "unknown"  #: what protects the VM was not read
    PAID_TWICE = "paid-twice"  #: one of several protections may end, and the need is met without
    COSTS_LESS = "costs-less"  #: another plan meets the need for less
    BEYOND_THE_NEED = "beyond-the-need"  #: more than was asked, which nobody is advised to end
    BACKUP_OF_NO_VM = "backup-of-no-vm"
    SNAPSHOT_OF_NO_DISK = "snapshot-of-no-disk"
    OLD_SNAPSHOT = "old-snapshot"
    DEAR_SNAPSHOT = "dear-snapshot"  #: a full one on Premium, where incremental ones cost less
    HELD_SNAPSHOT = "held-snapshot"  #: Azure refuses to delete it as it is
    NO_SOFT_DELETE = "no-soft-delete"
    NO_IMMUTABILITY = "no-immutability"


class MoneySpan(NamedTuple):
    """An amount a month that lies between two ends; `most` None: nobody knows how much."""

    least: Decimal
    most: Decimal | None


class FleetFinding(NamedTuple):
    """One thing that is wrong or wasted, with its evidence and its money.

    `saves`: what a month costs less once it is mended, net of the move; None: nothing is saved.
    `counted`: whether `saves` enters the total; what the decision does not advise never does, and
    of what overlaps only one. `costs`: what mending costs a month; None: nothing, or not known.
    `leaves_unmet`: whether the advice leaves a part of the need unmet, since nothing meets all;
    `conditions`: on which alone it meets the rest.
    """

    kind: FindingKind
    subject: str  #: name of the VM, the snapshot, the vault
    subject_id: str  #: its full ARM id
    group: str
    subscription_id: str
    region: str
    said: str  #: one sentence: what it is
    evidence: tuple[str, ...] = ()  #: what it was read off, as sentences
    saves: MoneySpan | None = None
    counted: bool = False
    costs: Decimal | None = None
    leaves_unmet: bool = False
    conditions: tuple[str, ...] = ()
    at_stake_gib: int | None = None  #: provisioned size of the disks that are lost
    lost: tuple[Event, ...] = ()  #: events of the need that are not met today


class OptionPrice(NamedTuple):
    """What the cheapest configuration of one option that meets the need costs a month."""

    option: str
    monthly: Monthly


class FleetRow(NamedTuple):
    """One VM of a fleet: how it is protected, what to do, and what it costs now and after."""

    vm_id: str
    name: str
    group: str
    subscription_id: str
    region: str
    tags: Mapping[str, str]
    tier: str
    state: StateNow
    state_words: str
    not_read: tuple[str, ...]
    courses: tuple[Course, ...]
    todo: str  #: the decision in a few words
    meets: Meets  #: whether the need is met afterwards
    conditions: tuple[str, ...]
    asked: tuple[Event, ...]
    met_today: tuple[Event, ...]  #: of those asked, surely or on a condition
    met_after: tuple[Event, ...]
    today: Monthly | None
    after: Monthly | None
    difference: Decimal | None  #: a month, afterwards less today
    #: Hours that may be lost today and afterwards, by the event; an event not covered is absent.
    lost_hours_today: Mapping[Event, Decimal]
    lost_hours_after: Mapping[Event, Decimal]
    data_gib: int | None  #: provisioned, of all its disks
    options: tuple[OptionPrice, ...]
    findings: tuple[FleetFinding, ...]
    prices_as_of: str  #: the oldest date of a price behind these figures; empty: there is none


class FleetSum(NamedTuple):
    """The sums of some VMs. `without_price`: VMs that a sum lacks, which is then a floor."""

    vms: int
    by_state: Mapping[StateNow, int]
    today: Decimal
    today_without_price: int
    after: Decimal
    after_without_price: int
    saves: MoneySpan  #: the counted savings of its VMs


class GroupSum(NamedTuple):
    """The sums of one group."""

    name: str
    sums: FleetSum


class Bought(NamedTuple):
    """A VM whose need is met for money, in the order of need met for each USD."""

    row: FleetRow
    events: tuple[Event, ...]  #: met afterwards and not today
    costs: Decimal  #: a month, more than today
    running: Decimal  #: the sum up to this one


class AzureRead(NamedTuple):
    """What reading Azure took."""

    calls: int
    seconds: Decimal


class FleetReport(NamedTuple):
    """Everything there is to say about a fleet, without its rows."""

    currency: str
    sums: FleetSum
    groups: tuple[GroupSum, ...]
    findings: tuple[FleetFinding, ...]  #: of VMs and of everything else, the worst first
    saves: MoneySpan  #: all counted savings
    apart: MoneySpan  #: what is beyond the need and not advised away
    prices_as_of: str  #: the oldest date of a price behind any row; empty: there is none
    unread: tuple[str, ...]  #: what could not be read for the whole fleet, as sentences
    azure: AzureRead | None = None  #: None: it came from files
    prices_age_days: int | None = None  #: of that date; None where no price is shown

"""VMs that are alike in everything an advice looks at get one advice, with their own names in it.

The VM that is judged has tokens for names, and last points of an age that nothing has: what is no
name of a VM, a disk, a group or a subscription, and no age of a last point, which is only ever
said, is part of its shape. So a text holds tokens exactly where it holds names and ages. Where a
name could change more than that (the order of disks, a capital letter at the start of a sentence),
or a rule reads it, the VM is judged by itself.
"""

from __future__ import annotations

import pickle
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Any, NamedTuple

from advisor.model import Disk, KnownVm, Monthly, Protection, Vm
from advisor.model.fleet import FleetFinding, FleetRow
from advisor.needs import TAG_ALIASES, Tiers
from advisor.options.site_recovery.rules import TRUSTED_SINCE
from advisor.options.workloads import AKS_TAGS
from advisor.recommend.in_place import ago
from advisor.words import clean, sentence

#: Shapes that are kept; VMs that are alike mostly stand near each other. Ours: about 15 MB.
KEPT = 4_096
#: What every tag that vmbackup reads by a name of its own begins with.
_OWN_TAGS = "vmbackup-"
_TRUSTED = "TrustedLaunch"  #: of these alone a rule reads when they were made
_SAID_FROM = timedelta(minutes=1)  #: what is younger is said to be of just now


def _all_but(kind: type[Any], *without: str) -> Callable[[Any], tuple[Any, ...]]:
    return attrgetter(*(each.name for each in fields(kind) if each.name not in without))


_of_vm = _all_but(
    Vm, "id", "name", "resource_group", "subscription_id", "vm_id", "created", "tags", "disks"
)
_of_disk = _all_but(Disk, "id", "name", "unique_id", "tags")
#: The fields of a VM that its shape holds; every other tells what was measured of this one.
_SHAPED = {"vm", "protections", "coverage", "taken", "not_read"}
_NO_FIGURES = {each.name: each.default for each in fields(KnownVm) if each.name not in _SHAPED}
_of_protection = _all_but(Protection, "id", "last_point", "vault", "policy", "left_out")


_of_known = _all_but(KnownVm, "vm", "protections")


class Named(NamedTuple):
    """The names of a VM, in the order of their tokens: itself, its group, subscription, disks."""

    names: tuple[str, ...]
    disks: Mapping[str, int]  #: by `Disk.key`: the place of its name
    ages: tuple[timedelta, ...]  #: of the last points, the youngest first; none that is just now


class Shapes:
    """The rows of VMs that were judged, by their shape. One clock and one set of tiers."""

    def __init__(
        self,
        judge: Callable[[KnownVm], FleetRow | None],
        tiers: Tiers,
        now: datetime,
        kept: int = KEPT,
    ) -> None:
        """`judge`: the row of a VM; None where its tags cannot be read."""
        self._judge, self._now, self._kept = judge, now, kept
        self._tags = {tag for tier in tiers.tiers for tag in tier.tags} | set(TAG_ALIASES)
        self._rows: dict[object, tuple[FleetRow, bool]] = {}
        mark = secrets.token_hex(4)  # so that no stranger's text can hold a token
        self._mark = mark.encode()
        self._days = 1_000 * (300 + secrets.randbelow(400))  # younger than year 1, older than Azure
        self._token = re.compile(
            f"\ue000{mark}(\\d\\d)\ue001|{self._days // 1_000},0(\\d\\d) days ago"
        )
        self.met = 0  #: VMs whose shape was known already

    def row(self, known: KnownVm) -> FleetRow | None:
        """The row that judging the VM by itself gives, to the letter; None as `judge`."""
        named = _named(known, known.taken or self._now)
        if named is None:
            return self._judge(known)
        shape = self._shape(known, named)
        held = self._rows.get(shape)
        if held is None:
            row = self._judge(self._with_tokens(known, named))
            if row is None:  # its sentence names the VM
                return self._judge(known)
            if len(self._rows) >= self._kept:
                del self._rows[next(iter(self._rows))]
            if self._hidden_in(row, known):
                return self._judge(known)
            held = self._rows[shape] = row, any(map(self._token.search, _texts(row)))
        else:
            self.met += 1
        return self._filled(*held, known, named)

    # --- the shape ---------------------------------------------------------------------------

    def _shape(self, known: KnownVm, named: Named) -> object:
        vm, moment = known.vm, known.taken or self._now
        return (
            _of_vm(vm),
            vm.security_type == _TRUSTED and bool(vm.created and vm.created < TRUSTED_SINCE),
            tuple(sorted(self._read(vm.tags).items())),
            tuple((_of_disk(each), named.disks[each.key], *_own(each.tags)) for each in vm.disks),
            tuple(_shape_of(each, named, moment) for each in known.protections),
            _of_known(known),
        )

    def _read(self, tags: Mapping[str, str]) -> dict[str, str]:
        """The tags that something looks at."""
        return {name: value for name, value in tags.items() if self._is_read(name.strip().lower())}

    def _is_read(self, name: str) -> bool:
        return name in self._tags or name.startswith((_OWN_TAGS, AKS_TAGS))

    # --- names -------------------------------------------------------------------------------

    def _with_tokens(self, known: KnownVm, named: Named) -> KnownVm:
        vm = known.vm
        name, group, subscription, *_ = tokens = [
            f"\ue000{self._mark.decode()}{place:02}\ue001" for place in range(len(named.names))
        ]
        head = f"/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.Compute/"
        keys = {key: f"{head}disks/{tokens[place]}" for key, place in named.disks.items()}
        disks = tuple(
            replace(each, id=keys[each.key], name=tokens[named.disks[each.key]])
            for each in vm.disks
        )
        whole = replace(
            vm,
            id=f"{head}virtualMachines/{name}",
            name=name,
            resource_group=group,
            subscription_id=subscription,
            tags=self._read(vm.tags),
            disks=disks,
        )
        moment = known.taken or self._now

        def protection(each: Protection) -> Protection:
            last, place = each.last_point, _place(each, named, moment)
            if place is not None:
                last = moment - timedelta(days=self._days + place)
            left_out = frozenset(keys[key].lower() for key in each.left_out)
            return replace(each, left_out=left_out, last_point=last)

        return replace(known, vm=whole, protections=tuple(map(protection, known.protections)))

    def _hidden_in(self, row: FleetRow, known: KnownVm) -> bool:
        """Whether a token stands in the row where no text is that is made anew."""
        rest = _with_texts(_of(row, known.vm), lambda _: "")
        return self._mark in pickle.dumps(rest)

    def _filled(self, row: FleetRow, has_tokens: bool, known: KnownVm, named: Named) -> FleetRow:
        row = _of(row, known.vm)
        return _with_texts(row, lambda text: self._named(text, named)) if has_tokens else row

    def _named(self, text: str, named: Named) -> str:
        def own(found: re.Match[str]) -> str:
            name, age = found.groups()
            return ago(named.ages[int(age)]) if name is None else named.names[int(name)]

        return self._token.sub(own, text)


def _of(row: FleetRow, vm: Vm) -> FleetRow:
    """The row as that of another VM, but for what its texts name."""
    return row._replace(
        vm_id=vm.id,
        name=vm.name,
        group=vm.resource_group,
        subscription_id=vm.subscription_id,
        tags=dict(vm.tags),
        findings=tuple(
            each._replace(
                subject=vm.name,
                subject_id=vm.id,
                group=vm.resource_group,
                subscription_id=vm.subscription_id,
            )
            for each in row.findings
        ),
    )


def _named(known: KnownVm, moment: datetime) -> Named | None:
    """The names of a VM; None where they may change more than the places that hold them."""
    vm = known.vm
    if vm.scale_set_id or _has_figures(known) or any(each.id is None for each in vm.disks):
        return None
    disks = sorted(vm.disks, key=lambda each: each.key)
    names = [each.name for each in disks]
    keys = {each.key: place for place, each in enumerate(disks, 3)}
    if names != sorted(set(names)) or len(keys) < len(disks) or len(disks) > 90:
        return None
    every = (vm.name, vm.resource_group, vm.subscription_id, *names)
    left_out = {key for each in known.protections for key in each.left_out}
    plain = all(map(_is_plain, every)) and all(map(_stays, (vm.name, *names)))
    passed = {moment - each.last_point for each in known.protections if each.last_point}
    ages = tuple(sorted(each for each in passed if each >= _SAID_FROM))
    fits = left_out <= keys.keys() and len(ages) < 100
    return Named(every, keys, ages) if plain and fits else None


def _has_figures(known: KnownVm) -> bool:
    """Whether something was measured of this VM, which is of no other: such a VM stands alone."""
    return any(getattr(known, name) != none for name, none in _NO_FIGURES.items())


def _place(found: Protection, named: Named, moment: datetime) -> int | None:
    """That of the age of its last point; None where it has none, or one of just now."""
    if found.last_point is None or moment - found.last_point not in named.ages:
        return None
    return named.ages.index(moment - found.last_point)


def _is_plain(name: str) -> bool:
    """Whether a text that holds it shows it as it is."""
    return clean(name) == name and " " not in name and "\ue000" not in name


def _stays(name: str) -> bool:
    """Whether a sentence may begin or end with it and leaves it as it is."""
    return sentence(name) == f"{name}."


def _shape_of(found: Protection, named: Named, moment: datetime) -> tuple[object, ...]:
    """What a protection is; of its last point whether it is older than those of others."""
    vault, policy = found.vault, found.policy
    return (
        _of_protection(found),
        (found.last_point is None, _place(found, named, moment)),
        vault and replace(vault, id=""),
        policy and replace(policy, id=None),
        frozenset(named.disks[key] for key in found.left_out),
    )


def _own(tags: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Tags of a disk that vmbackup reads."""
    own = ((name, value) for name, value in tags.items() if name.lower().startswith(_OWN_TAGS))
    return tuple(sorted(own))


def _texts(row: FleetRow) -> tuple[str, ...]:
    found: list[str] = []

    def noted(text: str) -> str:
        found.append(text)
        return text

    _with_texts(row, noted)
    return tuple(found)


def _with_texts(row: FleetRow, made: Callable[[str], str]) -> FleetRow:
    """The row with each sentence in it made anew."""
    return row._replace(
        state_words=made(row.state_words),
        not_read=tuple(map(made, row.not_read)),
        todo=made(row.todo),
        conditions=tuple(map(made, row.conditions)),
        today=_monthly(row.today, made),
        after=_monthly(row.after, made),
        options=tuple(
            each._replace(monthly=_monthly(each.monthly, made) or each.monthly)
            for each in row.options
        ),
        findings=tuple(_finding(each, made) for each in row.findings),
    )


def _monthly(monthly: Monthly | None, made: Callable[[str], str]) -> Monthly | None:
    if monthly is None or not monthly.missing:
        return monthly
    return monthly._replace(missing=tuple(map(made, monthly.missing)))


def _finding(found: FleetFinding, made: Callable[[str], str]) -> FleetFinding:
    return found._replace(said=made(found.said), evidence=tuple(map(made, found.evidence)))

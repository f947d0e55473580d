"""What a stored advice was said of, and how the VM differs from that today. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from advisor.model import Disk, KnownVm, Protection
from advisor.words import clean, counted, listed

_NAMED = 3  #: disks or tags that a sentence names; the others are counted


class VmFacts(NamedTuple):
    """The VM, as far as an advice rests on it. Every text is a stranger's."""

    size: str
    region: str
    tags: Mapping[str, str]
    disks: Mapping[str, str]  #: name -> what it is: `os, 64 GB, Premium_LRS`
    protections: tuple[str, ...]  #: each as one text, without times that go on by themselves
    not_read: tuple[str, ...]


def facts_of(known: KnownVm) -> VmFacts:
    """The facts that a later look is compared with."""
    vm = known.vm
    return VmFacts(
        size=clean(vm.size or "not known"),
        region=clean(vm.region),
        tags={clean(name).lower(): clean(value) for name, value in sorted(vm.tags.items())},
        disks={clean(disk.name).lower(): _disk(disk) for disk in vm.disks},
        protections=tuple(sorted(map(_protection, known.protections))),
        not_read=tuple(sorted({clean(each.what) for each in known.not_read})),
    )


def differences(then: VmFacts, now: VmFacts) -> tuple[str, ...]:
    """A sentence for each thing that is not as it was, or that cannot be compared."""
    return tuple(_differences(then, now))


def _differences(then: VmFacts, now: VmFacts) -> Iterator[str]:
    if then.size != now.size:
        yield f"Its size changed from {then.size} to {now.size}."
    if then.region != now.region:
        yield f"It moved from {then.region} to {now.region}."
    if said := _changed(then.tags, now.tags):
        yield f"Its tags changed: {said}."
    if said := _changed(then.disks, now.disks):
        yield f"Its disks changed: {said}."
    if then.protections != now.protections:
        yield "What protects it changed."
    unread = sorted({*then.not_read, *now.not_read})
    if unread:
        yield f"Cannot be compared, because it was not read: {_few(unread)}."


def _changed(then: Mapping[str, str], now: Mapping[str, str]) -> str:
    """`data-2 is new, data-1 is gone, os is another`."""
    words = [f"{name} is new" for name in sorted(now.keys() - then.keys())]
    words += [f"{name} is gone" for name in sorted(then.keys() - now.keys())]
    words += [
        f"{name} is {now[name] or 'empty'}, was {then[name] or 'empty'}"
        for name in sorted(then.keys() & now.keys())
        if then[name] != now[name]
    ]
    return _few(words)


def _few(words: Iterable[str]) -> str:
    words = list(words)
    more = len(words) - _NAMED
    return listed([*words[:_NAMED], f"{more} more"] if more > 0 else words)


def _disk(disk: Disk) -> str:
    place = "os" if disk.is_os else f"LUN {disk.lun}" if disk.lun is not None else "no LUN"
    size = f"{disk.size_gib:,} GB" if disk.size_gib is not None else "size not known"
    return clean(f"{place}, {size}, {disk.sku or 'SKU not known'}")


def _protection(found: Protection) -> str:
    """Without the last point and its age: those go on while nothing changes."""
    policy = found.policy.name if found.policy else ""
    vault = f"{found.vault.name} {found.vault.redundancy}" if found.vault else ""
    left_out = counted(len(found.left_out), "disk") if found.left_out else ""
    parts = (found.kind, found.state, found.id, policy, vault, found.target, left_out)
    return clean(" ".join(str(part).lower() for part in parts if part))

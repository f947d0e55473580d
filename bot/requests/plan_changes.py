"""The differences between the plan that was approved and the plan as it would be made now."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from advisor.regions import display_name
from advisor.words import duration, money
from bot.requests.model import Cost, PlannedDisk, RequestPlan
from bot.requests.moments import moment_words
from bot.requests.plan_hash import bound, bound_disk

#: Sentences for the bound fields; a field without a sentence of its own gets `_OTHERWISE`.
_SENTENCES: Mapping[str, Callable[[RequestPlan, RequestPlan], str]] = {
    "action": lambda old, new: f"It is another action: {new.action}, not {old.action}.",
    "kind": lambda old, new: f"What is made is another kind: {new.kind}, not {old.kind}.",
    "vm_id": lambda old, new: f"It is another VM: {new.vm_id}, not {old.vm_id}.",
    "vm_uuid": lambda old, new: f"“{new.vm_name}” is another VM of the same name now.",
    "region": lambda old, new: _moved("The region", old.region, new.region),
    "target_region": lambda old, new: _moved("The target", old.target_region, new.target_region),
    "consistency": lambda old, new: (
        f"The consistency is {new.consistency.label} now, not {old.consistency.label}."
    ),
    "keep_seconds": lambda old, new: f"It is kept {_kept(new)} now, not {_kept(old)}.",
    "expires_at": lambda old, new: f"It expires {_until(new)} now, not {_until(old)}.",
    "os_disk_id": lambda old, new: "Another OS disk is in place now.",
    "swap_os_disk": lambda old, new: "Whether the OS disk is swapped is different now.",
    "vm_runs": lambda old, new: f"The VM is {'running' if new.vm_runs else 'not running'} now.",
    "left_out": lambda old, new: "Which disks the restore point leaves out is different now.",
    "rule": lambda old, new: f"The rule “{new.rule}” holds now, not “{old.rule}”.",
    "settings_digest": lambda old, new: "The rules in the settings were changed.",
}
_OTHERWISE = "The plan is different in its {name}."
_DISK_SENTENCES: Mapping[str, str] = {
    "unique_id": "The disk {name} is another disk or point under the same id now.",
    "size_gib": "The disk {name} has {new.size_gib:,} GB now, not {old.size_gib:,} GB.",
    "sku": "The disk {name} is {new.sku} now, not {old.sku}.",
    "is_os": "The disk {name} is no longer what it was: the OS disk or a data disk.",
    "attached": "Whether the new disk of {name} is attached to the VM is different now.",
    "encryption_type": "The disk {name} is encrypted in another way now.",
    "encryption_set_id": "The disk {name} has another disk encryption set now.",
    "zones": "The disk {name} lies in another zone now.",
    "settings": "The new disk of {name} is set to another performance or access now.",
}


def what_changed(
    old: RequestPlan, new: RequestPlan, price_rise_percent: Decimal
) -> tuple[str, ...]:
    """One sentence for each difference; empty exactly where an approval of `old` still holds.

    The revision does not count. The price counts where its high end, as shown or as rules and
    budgets see it, rose by more than `price_rise_percent`, or became known or unknown.
    """
    before, now = bound(old), bound(new)
    texts = [
        _sentence(name, old, new)
        for name in before
        if name != "disks" and before[name] != now[name]
    ]
    return (
        *texts,
        *_disk_changes(old, new),
        *_price_changes(old.cost, new.cost, price_rise_percent),
    )


def _sentence(name: str, old: RequestPlan, new: RequestPlan) -> str:
    write = _SENTENCES.get(name)
    return write(old, new) if write else _OTHERWISE.format(name=name.replace("_", " "))


# --- disks -----------------------------------------------------------------------------------


def _disk_changes(old: RequestPlan, new: RequestPlan) -> list[str]:
    before, now = _by_key(old), _by_key(new)
    texts = [f"The disk {now[key].name} was added." for key in now if key not in before]
    texts += [
        f"The disk {before[key].name} is no longer there." for key in before if key not in now
    ]
    for key in before:
        if key in now:
            texts += _one_disk(old, before[key], new, now[key])
    return texts


def _one_disk(
    old: RequestPlan, before: PlannedDisk, new: RequestPlan, now: PlannedDisk
) -> list[str]:
    was = bound_disk(before, attaches=old.attaches)
    is_ = bound_disk(now, attaches=new.attaches)
    return [
        _disk_sentence(name, before, now)
        for name in {**was, **is_}
        if was.get(name) != is_.get(name)
    ]


def _disk_sentence(name: str, before: PlannedDisk, now: PlannedDisk) -> str:
    # A stranger's name is filled in last, so that braces in it are never interpreted.
    text = _DISK_SENTENCES.get(name, f"What is made of {{name}} is different: its {name}.")
    values: dict[str, Any] = {"name": now.name, "old": before, "new": now}
    return text.format(**values)


def _by_key(plan: RequestPlan) -> dict[tuple[str, int], PlannedDisk]:
    """The disks by id; a disk that occurs twice (two points of it) also by its position."""
    found: dict[tuple[str, int], PlannedDisk] = {}
    for disk in sorted(plan.disks, key=lambda one: (one.id.lower(), one.source_id.lower())):
        turn = sum(1 for key, _ in found if key == disk.id.lower())
        found[disk.id.lower(), turn] = disk
    return found


# --- price -----------------------------------------------------------------------------------


def _price_changes(old: Cost, new: Cost, percent: Decimal) -> list[str]:
    if old.currency != new.currency:
        return [f"The price is in {new.currency} now, not in {old.currency}."]
    pairs = (
        (
            old.until_expiry.high if old.until_expiry else None,
            new.until_expiry.high if new.until_expiry else None,
        ),
        (old.limit_until_expiry, new.limit_until_expiry),
    )
    texts = (_price_change(before, now, percent, new.currency) for before, now in pairs)
    return list(dict.fromkeys(text for text in texts if text))


def _price_change(
    before: Decimal | None, now: Decimal | None, percent: Decimal, currency: str
) -> str:
    if before is None or now is None:
        if before is now:
            return ""
        return "The price is no longer known." if now is None else "The price is known only now."
    if now * 100 <= before * (100 + percent):
        return ""
    return f"The price's high end is {money(now, currency)} now, not {money(before, currency)}."


# --- words -----------------------------------------------------------------------------------


def _moved(what: str, before: str, now: str) -> str:
    return f"{what} is {display_name(now)} now, not {display_name(before)}."


def _kept(plan: RequestPlan) -> str:
    return "without an end" if plan.keep is None else duration(plan.keep)


def _until(plan: RequestPlan) -> str:
    return "never" if plan.expires_at is None else moment_words(plan.expires_at)

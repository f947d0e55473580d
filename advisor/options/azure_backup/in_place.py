"""Azure Backup where it protects a VM already, and what Azure forbids to change there."""

from __future__ import annotations

from collections.abc import Iterator

from advisor.model import Configuration, Protection


def found_words(_: Protection) -> str:
    return "Azure Backup"


#: backup-azure-move-recovery-services-vault, 2022-02-11: a VM is in one vault at a time;
#: manage-recovery-points, 2021-06-17: points retained after a stop never expire.
ANOTHER_VAULT = (
    "A VM is in one vault at a time. To keep the old points, stop the protection with its data"
    " kept and move the VM to another resource group, which gives it a new id: the points never"
    " expire and go on costing{price}. Or delete them first: then nothing older is left."
)
#: Disable-AzRecoveryServicesBackupProtection, undated: where a vault is immutable, a stop may keep
#: the points as the policy says. Where that is locked, nobody deletes them before their own end.
ANOTHER_THAN_A_LOCKED_VAULT = (
    "A VM is in one vault at a time, and this vault is locked: nobody deletes its points before"
    " their own end. With the protection stopped and its data kept as the policy says, move the VM"
    " to another resource group, which gives it a new id: the points go on costing{price}, for up"
    " to {days}."
)


#: The same two articles.
OLD_POINTS_STAY = (
    "The old points of the backup stay in its vault where the stop keeps the data, never expire"
    " and go on costing{price}. Once they are deleted, nothing older is left."
)
OLD_POINTS_ARE_LOCKED = (
    "The vault of the backup is locked: nobody deletes the old points before their own end, and"
    " they go on costing{price}, for up to {days}."
)


def forbidden(have: Configuration, want: Configuration) -> Iterator[str]:
    """What no change in place reaches, and what follows from it."""
    if _storage(have) != _storage(want):
        yield "A vault's redundancy cannot change after its first backup."
    elif have["redundancy"] == "grs" and want["redundancy"] == "grs-crr":
        yield (
            "Cross-region restore is switched on for the whole vault, bills all of it and is never"
            " switched off again."
        )
    if have["policy"] == "enhanced" and want["policy"] == "standard":
        yield "Azure forbids the way from the Enhanced policy back to Standard."


def _storage(configuration: Configuration) -> str:
    return str(configuration["redundancy"]).removesuffix("-crr")

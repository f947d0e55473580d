"""Azure Backup into a Recovery Services vault: what it gives, and its row.

Its limits are in `rules`, `agent_rules`, `policy_rules` and `vault_rules`, what it gives in
`tiers`, its tariff in `bill`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from advisor.model import Proposal, ProtectionKind, Verdict
from advisor.options.azure_backup.adjustments import adjustments
from advisor.options.azure_backup.bill import BackupBill, shared_disks, usages
from advisor.options.azure_backup.chosen import BackupConfiguration
from advisor.options.azure_backup.configurations import (
    configurations,
    found_configuration,
    said_configuration,
)
from advisor.options.azure_backup.in_place import (
    ANOTHER_THAN_A_LOCKED_VAULT,
    ANOTHER_VAULT,
    OLD_POINTS_ARE_LOCKED,
    OLD_POINTS_STAY,
    forbidden,
    found_words,
)
from advisor.options.azure_backup.policy_rules import FEWEST_DAILY_POINTS, MOST_POINTS
from advisor.options.azure_backup.reasons import BackupReasons
from advisor.options.azure_backup.tiers import GRS_NOTE, BackupTiers, is_stopped
from advisor.options.azure_backup.vault_rules import pair_of
from advisor.options.azure_backup.words import FLAGS, PHRASES, need_warnings
from advisor.options.case import Case, once
from advisor.options.row import (
    DailyPoints,
    FoundInPlace,
    Option,
    no_complements,
    no_warnings,
)
from advisor.regions import display_name, leaves_geography, region
from advisor.words import duration

#: selective-disk-backup-restore, 2026-01-23
SELECTIVE_NOTE = (
    "With disks left out a restore makes disks only: “Create VM” and “Replace existing” are not"
    " offered."
)
STOPPED_NOTE = (
    "The VM is shut down: Azure labels its points crash-consistent, but nothing was in flight, so"
    " they lack nothing; and nothing changes while it is off."
)

# --- the option ------------------------------------------------------------------------------


def propose(
    case: Case, chosen: Sequence[BackupConfiguration], *, bill_forbidden: bool = True
) -> list[Proposal]:
    """Judge and bill each configuration; what they share is worked out once."""
    gives, bill = once(case, BackupTiers), once(case, BackupBill)
    rules, notes = once(case, BackupReasons), once(case, _Notes)
    proposals, no = [], Verdict.NO
    for each in chosen:
        verdict, reasons = rules.of(each)
        proposals.append(
            Proposal(
                AZURE_BACKUP.name,
                each.mapping,
                verdict,
                reasons,
                gives.of(each),
                bill.of(each) if bill_forbidden or verdict is not no else (),
                notes.of(each),
                each.order,
                gives.phases(each),
                each,
            )
        )
    return proposals


class _Notes:
    """What is worth knowing of a VM's configurations: one tuple for all that have the same."""

    def __init__(self, case: Case) -> None:
        self._case = case
        self._shares_disks = bool(once(case, shared_disks))
        self._known: dict[str, tuple[str, ...]] = {}

    def of(self, chosen: BackupConfiguration) -> tuple[str, ...]:
        known = self._known.get(chosen.noted)
        if known is None:
            known = self._known[chosen.noted] = tuple(self._notes(chosen))
        return known

    def _notes(self, chosen: BackupConfiguration) -> Iterator[str]:
        if chosen.redundancy == "grs":
            yield GRS_NOTE
        if chosen.left_out or self._shares_disks:
            yield SELECTIVE_NOTE
        if is_stopped(self._case):
            yield STOPPED_NOTE
        if chosen.interval and chosen.interval < chosen.every:
            yield (
                f"It runs every {duration(chosen.interval)} inside a window: the longest time"
                f" between two points is {duration(chosen.every)}."
            )
        if chosen.vault_region:
            yield f"The vault lies in {display_name(chosen.vault_region)} and is billed there."
        if chosen.redundancy in ("grs", "grs-crr"):
            yield from self._residency(chosen)

    def _residency(self, chosen: BackupConfiguration) -> Iterator[str]:
        home, pair = (
            chosen.vault_region or self._case.vm.region,
            pair_of(self._case, chosen.vault_region),
        )
        if pair and leaves_geography(home, pair):
            yield (
                f"The second copy lies in {display_name(pair)}, another geography"
                f" ({region(pair).geography}): a decision on data residency."
            )


AZURE_BACKUP: Option[BackupConfiguration] = Option(
    name="azure-backup",
    title="Azure Backup",
    plural=False,
    flags=FLAGS,
    phrases=PHRASES,
    configurations=configurations,
    said_configuration=said_configuration,
    propose=propose,
    usages=usages,
    # backup-recovery, 2023-01-12; site-recovery-backup-interoperability, 2019-02-26: points to go
    # back to, and a replica to go on with.
    makes_plans_with=("site-recovery",),
    not_covered=(),
    proposal_warnings=no_warnings,
    need_warnings=need_warnings,
    complements=no_complements,
    daily_points=DailyPoints(
        configuration={"every": "24h", "archive": False},
        storage_line="Vault storage",
        fewest=FEWEST_DAILY_POINTS,
        most=MOST_POINTS,
    ),
    break_evens=(),
    found=FoundInPlace(
        kinds=(ProtectionKind.BACKUP,),
        configuration=found_configuration,
        words=found_words,
        forbidden=forbidden,
        leaving=ANOTHER_VAULT,
        leaving_locked=ANOTHER_THAN_A_LOCKED_VAULT,
        ending=OLD_POINTS_STAY,
        ending_locked=OLD_POINTS_ARE_LOCKED,
        adjustments=adjustments,
    ),
)

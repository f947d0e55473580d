"""What Azure allows to change in place on a replication that was found."""

from __future__ import annotations

from dataclasses import replace

from advisor.model import Adjustment, Protection
from advisor.options.case import Case
from advisor.options.disks_left_out import holding_data, written
from advisor.options.site_recovery.configurations import found_configuration
from advisor.words import listed


def adjustments(case: Case, found: Protection) -> tuple[Adjustment, ...]:
    """Disks that are not replicated are taken in, one after the other
    (azure-to-azure-common-questions, 2025-07-25); everything else means to replicate anew.
    """
    base = found_configuration(case, found)
    missed = holding_data(case, base.left_out) if base else frozenset()
    if base is None or not missed:
        return ()
    stays = base.left_out - missed
    chosen = replace(base, left_out=stays, leave_out=written(case, stays))
    names = listed(disk.name for disk in case.vm.disks if disk.key in missed)
    return (
        Adjustment(
            what=f"enable replication of {names}",
            configuration=chosen.mapping,
            chosen=chosen,
        ),
    )

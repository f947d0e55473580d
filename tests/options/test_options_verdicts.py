"""Every rule has its row, and what several answers of rules make together."""

from __future__ import annotations

import pytest

from advisor.options.case import any_of
from tests.options.rule_cases import (
    application_points,
    archived,
    crash_points,
    crossing,
    disk_backup,
    enhanced,
    full,
    geo,
    replica,
    snapshot,
    standard,
    zonal_vault,
    zone_replica,
)
from tests.options.test_options_rules import COREOS, ROWS, UNDECIDED
from tests.strategies import a_vm


def test_every_rule_of_every_option_has_its_row_here() -> None:
    tested = {(row.ask.__name__, row.rule) for row in ROWS}
    tested |= {(ask.__name__, rule) for ask, rule, _ in UNDECIDED}
    judged_elsewhere = {"churn", "target-region", "other-zone", "snapshot-count",
                        "snapshot-interval", "copy-region", "disk-backup-restore",
                        "disk-backup-schedule", "disk-backup-points"}  # fmt: skip
    for ask, vm in (
        (standard, a_vm()), (enhanced, a_vm(image=COREOS.image)), (geo, a_vm()),
        (crossing, a_vm()), (archived, a_vm()),
        (zonal_vault, a_vm()), (replica, a_vm()), (zone_replica, a_vm()), (snapshot, a_vm()),
        (full, a_vm()), (crash_points, a_vm()), (application_points, a_vm()),
        (disk_backup, a_vm()),
    ):  # fmt: skip
        for reason in ask(vm).reasons:
            assert reason.rule in judged_elsewhere | {rule for _, rule in tested}, reason.rule


@pytest.mark.parametrize(
    ("answers", "together"),
    [
        ((), False),
        ((False, False), False),
        ((False, None), None),
        ((None, True), True),
    ],
)
def test_of_several_answers_one_yes_decides_and_one_unknown_leaves_it_open(
    answers: tuple[bool | None, ...], together: bool | None
) -> None:
    assert any_of(*answers) is together

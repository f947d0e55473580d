"""A tree is compared with another on the same VMs, and the ratio is said with its aim."""

from __future__ import annotations

from tests.bench.beside_commit import BEFORE, ROOT, compared, told


def test_a_tree_beside_itself_has_all_its_figures() -> None:
    found = compared(ROOT, ROOT, vms=2, rounds=2)
    assert found["vms"] == 4
    assert found["ratio"] > 0
    assert found["before"] > 0
    assert found["vms_per_second_of_one_core"] > 0


def test_the_ratio_is_told_with_its_aim() -> None:
    figures = {"ratio": 0.943, "vms_per_second_of_one_core": 943.2, "before": 1000.4, "vms": 3000}
    assert told({"commit": BEFORE, **figures}) == (
        f"0.94 of the VMs a second of one core of commit {BEFORE} (aim: at least 0.9):"
        " 943 and 1000 in turn, 3,000 VMs."
    )


def test_without_history_nothing_is_claimed() -> None:
    assert told(None) == f"Beside commit {BEFORE}: not measured, its history is not here."

"""An advice in a terminal: fits its width, hides nothing, and draws nobody's markup."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from advisor.model import Advice, Estimated, PriceOrigin, ProtectionState, Reason, Verdict
from advisor.present.as_text import advice_text, estimated_text
from advisor.present.bill_table import bill
from tests.present import factories, scenes
from tests.present.strategies import advices, estimates

ANSI = re.compile(r"\x1b\[[0-9;]*m")
few = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))


def shown(advice: Advice, width: int = 100) -> str:
    return advice_text(advice, width=width, color=False, details=True)


def everything(advice: Advice, width: int = 100) -> str:
    """The document that follows the short form."""
    return shown(advice, width).partition("\nNeed: ")[2]


def flat(text: str) -> str:
    """Without line ends, so that a sentence is found wherever it was broken."""
    return " ".join(text.split())


@few
@given(advices(), st.sampled_from([60, 80, 120, 200]))
def test_no_line_is_wider_than_the_terminal(advice: Advice, width: int) -> None:
    for line in shown(advice, width).splitlines():
        assert cell_len(line) <= width


@few
@given(advices())
def test_without_color_nothing_controls_the_terminal(advice: Advice) -> None:
    text = shown(advice)
    assert not [each for each in text if unicodedata.category(each) == "Cc" and each != "\n"]


@few
@given(advices())
def test_color_changes_only_the_color(advice: Advice) -> None:
    colored = ANSI.sub("", advice_text(advice, width=90, color=True, details=True))
    lines = [line.rstrip().replace("─", "-") for line in colored.split("\n")]
    assert lines == [line.replace("─", "-") for line in shown(advice, 90).split("\n")]


@few
@given(estimates())
def test_every_estimate_can_be_drawn(estimated: Estimated) -> None:
    text = estimated_text(estimated, width=80, color=False)
    assert all(cell_len(line) <= 80 for line in text.splitlines())
    assert "Total" in text


def test_the_environment_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever calls decides on width and colour, not COLUMNS, TERM or NO_COLOR."""
    before = advice_text(scenes.development(), width=100, color=True, details=True)
    for name, value in {"COLUMNS": "20", "TERM": "dumb", "NO_COLOR": "1"}.items():
        monkeypatch.setenv(name, value)
    assert advice_text(scenes.development(), width=100, color=True, details=True) == before


def test_a_strangers_markup_stands_as_it_was_written() -> None:
    text = shown(scenes.development(), 200)
    assert "[red]test[/red]-<b>01</b> in rg_*dev*" in text
    assert "[bold red]x[/] <b>y</b> |z| *w*" in text
    assert "\x1b" not in text
    assert "\u202e" not in text


def test_the_recommendation_is_one_sentence_with_its_range() -> None:
    assert (
        "keeps daily=30,weekly=12) and Site Recovery (to northeurope, 24 h of recovery points, 4"
        " drills a year). 309.93 USD a month (219.80 to 507.24)."
    ) in flat(shown(scenes.mission_critical()))


def test_what_is_in_place_is_kept_rather_than_taken() -> None:
    assert "Keep Snapshots (" in shown(scenes.development())


def test_a_missing_price_is_a_floor_with_a_name_and_never_nothing() -> None:
    text = flat(shown(scenes.price_missing()))
    assert "at least 17.60 USD a month (no price for vault storage)" in text
    assert "Run `vmbackup prices update --region northeurope --currency USD`." in text
    assert " 0.00" not in text


def test_a_line_without_a_price_says_so_in_the_bill() -> None:
    scene = scenes.mission_critical()
    lacking = factories.backup(vault_price=None)
    text = shown(replace(scene, recommended=factories.plan(lacking), by_month=()), 120)
    row = next(line for line in text.splitlines() if line.startswith("Vault storage"))
    assert "no price" in row
    assert "not known" in row
    total = next(line for line in text.splitlines() if line.startswith("Total"))
    assert total.split()[-3:] == ["at", "least", "17.60"]


def test_without_any_price_the_cost_is_not_known() -> None:
    line = factories.line("Vault storage", factories.VAULT, factories.exactly("1"), None)
    bare = factories.assessment("azure-backup", factories.ENHANCED, (line,), ())
    chosen = factories.plan(bare)
    decided = factories.decision(chosen)
    scene = replace(scenes.mission_critical(), decision=decided, recommended=chosen, by_month=())
    assert "not known (no price for vault storage)." in flat(shown(scene))


def test_when_nothing_meets_the_need_the_nearest_plan_says_what_is_unmet() -> None:
    text = flat(shown(scenes.price_missing()))
    assert ("The nearest costs at least 17.60 USD a month (no price for vault storage).") in text
    assert "Unmet: After the loss of the region it is back within 26 h at worst" in text


def test_an_option_that_is_not_allowed_says_why_with_the_article() -> None:
    text = shown(scenes.price_missing(), 160)
    assert (
        "Site Recovery: The disk controller is NVMe, which Site Recovery does not replicate."
        " (azure-to-azure-support-matrix, 2026-02-11)"
    ) in text


def test_an_option_that_is_not_allowed_promises_no_recovery() -> None:
    refused = factories.site_recovery(verdict=Verdict.NO)
    scene = replace(scenes.mission_critical(), recommended=None, assessments=(refused,))
    text = shown(scene)
    assert "RPO" not in text
    assert "no, see below" in text


def test_nothing_is_called_unprotected_beyond_what_was_read() -> None:
    text = shown(scenes.price_missing())
    assert "This VM is not in vault v1." in text
    assert "unprotected" not in text


def test_the_first_bill_is_not_the_last() -> None:
    assert "First month 230.40 USD, rising to 341.92 USD a month from month 4 on." in shown(
        scenes.mission_critical()
    )
    assert "31.01 USD from the first month on." in shown(scenes.development())


def test_what_was_carried_over_is_marked_and_explained() -> None:
    text = shown(scenes.mission_critical())
    assert "25 each (c)" in text
    assert "(c) carried over from other regions: The fee is the same in all 24 regions" in text
    assert "(c)" not in shown(scenes.development())


def test_what_was_worked_out_has_a_mark_of_its_own() -> None:
    worked_out = factories.line(
        "Vault storage",
        factories.VAULT,
        factories.exactly("100"),
        "0.0625",
        origin=PriceOrigin.WORKED_OUT,
        why="Vault storage costs 2.54 times LRS in every region read.",
    )
    part = factories.assessment("azure-backup", factories.ENHANCED, (worked_out,), ())
    grid = bill((part,), part.monthly)
    assert grid.rows[0].cells[2] == ("0.0625 a GB (w)",)
    assert grid.notes == (
        "(w) worked out from another price: Vault storage costs 2.54 times LRS in every region"
        " read.",
    )


def test_how_a_quantity_came_about_needs_a_wide_terminal() -> None:
    assert "How the quantity came about" in shown(scenes.development(), 120)
    assert "How the quantity came about" not in shown(scenes.development(), 80)


@pytest.mark.parametrize("width", [80, 120])
def test_the_pair_and_each_option_stand_side_by_side(width: int) -> None:
    lines = shown(scenes.mission_critical(), width).splitlines()
    head = lines[lines.index("Side by side") + 1 :][:4]
    words = flat(" ".join(head))
    for name in ("Azure Backup", "Site Recovery", "(recommended)", "Snapshots"):
        assert name in words


@pytest.mark.parametrize(
    ("known", "said"),
    [
        ("unprotected", "This VM is unprotected."),
        ("not in vaults v1 and v2", "This VM is not in vaults v1 and v2."),
        ("whether anything protects it was not read", "Whether anything protects it was not read."),
    ],
)
def test_what_is_known_of_its_protection_is_a_sentence(known: str, said: str) -> None:
    scene = replace(scenes.mission_critical(), in_place=(), unprotected=known)
    assert said in shown(scene)


def test_what_is_not_covered_is_not_said_twice() -> None:
    scene = scenes.mission_critical()
    note = scene.assessments[1].proposal.notes[0]
    text = flat(everything(replace(scene, not_covered=(note,))))
    assert text.count(note) == 1


@pytest.mark.parametrize("state", ProtectionState)
def test_only_what_is_active_has_a_column_beside_what_is_taken(state: ProtectionState) -> None:
    """A stopped backup promises no recovery point, so it has none to show."""
    scene = scenes.mission_critical()
    kept = scenes.stopped_backup(factories.snapshots(meets_need=False), state)
    taken = factories.plan(factories.backup())
    others = (factories.backup(), factories.site_recovery())
    lines = shown(
        replace(scene, in_place=(kept,), recommended=taken, assessments=others)
    ).splitlines()
    head = flat(" ".join(lines[lines.index("Side by side") + 1 :][:2]))
    assert ("(in place)" in head) == (state is ProtectionState.ACTIVE)
    assert "(recommended)" in head


def test_what_limits_an_option_without_forbidding_it_is_said_with_its_article() -> None:
    spot = Reason("spot", Verdict.NO, "It is restored as a regular VM", "matrix", blocking=False)
    pair = Reason("vault-pair", Verdict.UNKNOWN, "The articles disagree on it", "restore")
    later = Reason("shared-disks", Verdict.UNKNOWN, "Not supplied", "matrix", not_supplied=True)
    fine = Reason("disk-count", Verdict.YES, "2 of at most 32 disks", "matrix")
    chosen = factories.backup(reasons=(spot, pair, later, fine))
    scene = scenes.mission_critical()
    others = tuple(each for each in scene.assessments if each.option != "azure-backup")
    text = flat(
        shown(
            replace(scene, recommended=factories.plan(chosen), assessments=(chosen, *others)), 200
        )
    )
    assert "- Azure Backup: It is restored as a regular VM. (matrix)" in text
    assert "- Azure Backup: The articles disagree on it. (restore)" in text
    assert "Not supplied. (matrix)" not in text
    assert "2 of at most 32 disks" not in text


def test_what_was_a_warning_is_not_said_again() -> None:
    open_question = "Whether replication keeps up is not known"
    reason = Reason("churn", Verdict.UNKNOWN, open_question, "matrix", blocking=False)
    copied = factories.site_recovery(reasons=(reason,))
    scene = replace(
        scenes.mission_critical(),
        recommended=factories.plan(copied),
        assessments=(copied,),
        warnings=(open_question,),
    )
    assert flat(everything(scene, 200)).count(open_question) == 1

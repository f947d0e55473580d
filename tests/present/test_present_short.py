"""The short form: the worst fact first, in at most 32 lines of 100 columns, whatever the VM."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from rich.cells import cell_len

from advisor.advising import advise_known
from advisor.asked import AdviceAsked
from advisor.errors import VmbackupError
from advisor.model import (
    Advice,
    Alternative,
    Course,
    Event,
    Gap,
    KnownVm,
    Meets,
    Monthly,
    ProtectionNow,
    StateNow,
    Verdict,
)
from advisor.needs import Tiers
from advisor.present.as_markdown import advice_markdown
from advisor.present.as_text import advice_text
from advisor.present.short_form import gaps_words, short_form
from advisor.present.short_table import options_table
from advisor.present.short_text import MOST_LINES, USUAL_LINES
from advisor.words import brief_amount, brief_month, capital
from tests.laws.machines_in_place import machines, plain_askings
from tests.present import factories, scenes
from tests.present.real_advice import SAMPLE, SHARED, advices_of, advices_of_others
from tests.present.strategies import advices
from tests.strategies import a_disk, a_vm, advise, askings, book, known_vms

few = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))


def shown(advice: Advice, width: int = 100) -> list[str]:
    return advice_text(advice, width=width, color=False).splitlines()


def flat(advice: Advice) -> str:
    return " ".join(" ".join(shown(advice)).split())


# --- the bound -------------------------------------------------------------------------------


@few
@given(known_vms(), askings())
def test_any_vm_has_at_most_32_lines_of_100_columns(known: KnownVm, asked: AdviceAsked) -> None:
    try:
        advice = advise_known(known, asked, Tiers(), book(), datetime.now(UTC))
    except VmbackupError:
        return
    lines = shown(advice)
    assert len(lines) <= MOST_LINES
    assert max(map(cell_len, lines)) <= 100


@few
@given(machines(), plain_askings())
def test_any_vm_that_is_protected_somehow_has_at_most_32_lines(
    known: KnownVm, asked: AdviceAsked
) -> None:
    advice = advise_known(known, asked, Tiers(), book(), datetime.now(UTC))
    lines = shown(advice)
    assert len(lines) <= MOST_LINES
    assert max(map(cell_len, lines)) <= 100
    assert "0.00 USD" not in "".join(lines)


@few
@given(advices())
def test_any_words_have_at_most_32_lines_of_100_columns(advice: Advice) -> None:
    lines = shown(advice)
    assert len(lines) <= MOST_LINES
    assert max(map(cell_len, lines)) <= 100


def test_no_figure_is_cut_however_narrow_the_terminal() -> None:
    """What has no room in the column of prices goes on in its next line."""
    for advice in advices_of(SAMPLE):
        figures = [row.monthly for row in options_table(advice).rows]
        lines = shown(advice, 60)
        assert max(map(cell_len, lines)) <= 60
        words = " ".join(lines).split()
        assert all(word in words for figure in figures for word in figure.split())


def test_forty_disks_many_gaps_and_endless_sentences_have_at_most_32_lines() -> None:
    scene = scenes.mission_critical()
    endless = "a sentence without an end " * 40
    gaps = tuple(Gap(f"disk-{n}-{'x' * 70}", 10 * n, (Event.DELETION,)) for n in range(40))
    decision = replace(
        scene.decision,
        gaps=gaps,
        steps=tuple(f"{n} {endless}" for n in range(9)),
        conditions=tuple(f"{n} holds {endless}" for n in range(3)),
        meets=Meets.IF,
        brief=endless,
        irreversible=(endless,),
        alternatives=(Alternative("certainty", None, endless),) * 3,
        bound=endless,
    )
    now = ProtectionNow(StateNow.PARTLY, endless)
    lines = shown(replace(scene, decision=decision, now=now, not_covered=(endless,) * 7))
    assert len(lines) <= MOST_LINES
    assert max(map(cell_len, lines)) <= 100
    assert any(line.endswith("more: --details") for line in lines)


def test_the_sample_fleet_has_at_most_32_lines_and_24_for_most() -> None:
    lengths = [len(shown(advice)) for advice in advices_of(SAMPLE)]
    assert max(lengths) <= MOST_LINES
    assert sum(length <= USUAL_LINES for length in lengths) > len(lengths) * 2 / 3


@pytest.mark.parametrize("folder", ["cases", "situations"])
def test_inputs_of_others_have_at_most_32_lines(folder: str) -> None:
    """They lie beside the repository on some machines only."""
    lengths = [len(shown(advice)) for advice in advices_of_others(folder)]
    if not lengths:
        pytest.skip(f"there is no {SHARED / folder} here")
    assert len(lengths) > 20
    assert max(lengths) <= MOST_LINES
    assert sum(length <= USUAL_LINES for length in lengths) > len(lengths) * 2 / 3


# --- the order -------------------------------------------------------------------------------


def test_the_first_line_says_how_the_vm_is_protected_now() -> None:
    assert shown(advise(a_vm()))[0] == "web-01   ● unprotected"
    unread = advise(KnownVm(vm=a_vm()))
    assert shown(unread)[0] == "web-01   ○ unknown: what protects it was not read"


def test_the_rest_stands_in_the_order_in_which_it_is_read() -> None:
    text = "\n".join(shown(scenes.mission_critical()))
    parts = (
        "web-01   ● unprotected: Azure Backup is stopped",
        "rg-shop, westeurope zone 1, Standard_D4s_v5, Windows, 2 disks, 1,152 GB",
        "Protect it with Azure Backup and Site Recovery: 310 USD a month (220 to 507).",
        "Azure Backup: Enhanced policy every 4 h",
        "Meets the mission-critical tier",
        "Not covered",
        "Option",
        "~ assumed from the size",
        "Sizes are assumed: if the 557 GB in use were known (--used), 290 to 330;",
        "Next: vmbackup advise web-01 --details",
        "Prices of 2026-08-22, 99 days old",
    )
    places = [text.index(part) for part in parts]
    assert places == sorted(places)


def test_markdown_has_the_same_order_and_the_same_facts() -> None:
    written = advice_markdown(scenes.mission_critical())
    places = [
        written.index(part)
        for part in (
            "## web-01: ● unprotected",
            "**Protect it with Azure Backup and Site Recovery: 310 USD",
            "### Not covered",
            "| Option | If it is deleted | If the region is lost | USD a month |",
            "| **→ Azure Backup + Site Recovery** |",
            "Next: vmbackup advise web-01 --details.",
        )
    ]
    assert places == sorted(places)
    assert "Side by side" not in written


def test_everything_else_follows_with_details() -> None:
    text = advice_text(scenes.mission_critical(), width=100, color=False, details=True)
    assert text.index("Not covered") < text.index("Side by side") < text.index("The bill")
    assert "--details" not in text


# --- what is said ----------------------------------------------------------------------------


def test_what_an_option_lacks_stands_in_its_cell() -> None:
    table = options_table(advise(a_vm()))
    cells = {" ".join(row.names): [cell.text for cell in row.cells] for row in table.rows}
    assert cells["Snapshots"][0] == "no: can be deleted with the VM"
    assert cells["Site Recovery"] == ["not covered", "lose 5 min, back in 1 h"]


def test_a_disk_that_the_other_part_of_a_plan_holds_is_not_called_in_no_point() -> None:
    """Snapshots of a shared disk stand beside the vault that leaves it out."""
    shared = a_disk("data", is_os=False, lun=0, max_shares=2)
    advice = advise(a_vm(a_disk(), shared, tags={"environment": "prod"}))
    assert advice.decision.plan is not None
    assert advice.decision.plan.options == ("azure-backup", "snapshots")
    rows = {" ".join(row.names): row.cells[0].text for row in options_table(advice).rows}
    assert rows["Azure Backup + Snapshots"] == "no: can be deleted with the VM"
    assert rows["Azure Backup"] == "no: 1 disk in no point"


def test_only_what_the_need_asks_for_is_marked_as_unmet() -> None:
    """Development asks for nothing of the region: nobody is warned of it in red."""
    dev = options_table(advise(a_vm(tags={"environment": "dev"})))
    assert not [cell for row in dev.rows for cell in row.cells[1:] if cell.unmet]
    prod = options_table(advise(a_vm(tags={"environment": "prod"})))
    assert [cell for row in prod.rows for cell in row.cells if cell.unmet]


def test_an_option_that_is_not_allowed_says_why_and_costs_nothing_that_is_shown() -> None:
    row = next(
        each
        for each in options_table(advise(a_vm(disk_controller="NVMe"))).rows
        if each.names == ("Site Recovery",)
    )
    assert row.why_not.startswith("no: ")
    assert row.monthly == ""


def test_the_three_largest_gaps_are_named_and_the_others_counted() -> None:
    gaps = [Gap(f"d{size}", size, (Event.DELETION,)) for size in (10, 500, 30, 400, 20)]
    said = "In no recovery point: d500 (500 GB), d400 (400 GB), d30 (30 GB) and 2 more disks."
    assert gaps_words(gaps) == said
    assert gaps_words(gaps[:1]) == "In no recovery point: d10 (10 GB)."
    assert gaps_words(gaps[:1], today=True) == "In no recovery point today: d10 (10 GB)."


def test_the_range_with_the_used_size_known_is_worked_out_anew() -> None:
    """The same VM with the likely size stated costs what the sentence says."""
    machine = a_vm(a_disk(), a_disk("data", lun=0, size_gib=512))
    unsure = advise(machine)
    first = unsure.narrowing[0]
    sure = advise(machine, used_gib=unsure.sizing.used_gib.range.likely)
    plan = sure.decision.plan
    assert first.flag == "--used"
    assert plan is not None
    assert plan.monthly.high is not None
    assert abs(first.low - plan.monthly.low) <= first.low / 100
    assert abs(first.high - plan.monthly.high) <= first.high / 100


def test_what_is_known_already_is_not_asked_for() -> None:
    sure = advise(a_vm(), used_gib=Decimal(40), churn_share_per_day=Decimal("0.02"))
    assert sure.narrowing == ()
    assert "--used" not in flat(sure)


def test_a_missing_price_is_never_an_amount() -> None:
    text = flat(advise(a_vm(region="usgovvirginia")))
    assert "0.00 USD" not in text
    assert "at least 0" not in text
    assert "Next: vmbackup prices update --region usgovvirginia" in text


@pytest.mark.parametrize(
    ("value", "likely", "said"),
    [
        ("1383.4", None, "1,383"),
        ("31.2", None, "31"),
        ("8.67", None, "8.67"),
        ("8.2", "31", "8"),
        ("0.4", "31", "0.40"),
        ("137.4", "8", "137"),
        ("0.001", None, "<0.01"),
    ],
)
def test_money_in_short_has_cents_only_where_they_matter(
    value: str, likely: str | None, said: str
) -> None:
    beside = None if likely is None else Decimal(likely)
    assert brief_amount(Decimal(value), beside) == said


def test_a_month_in_short_has_its_range_or_says_that_a_price_is_missing() -> None:
    whole = Monthly("USD", Decimal("8.2"), Decimal("31.2"), Decimal("137.4"))
    assert brief_month(whole) == "31 (8 to 137)"
    assert brief_month(Monthly("USD", Decimal("18.4"), None, None, ("vault",))) == "at least 18"
    assert brief_month(Monthly("USD", Decimal(0), None, None, ("vault",))) == "not known"


# --- names -----------------------------------------------------------------------------------

_ODD = "qlogs"


@few
@given(known_vms(most_disks=3), askings())
def test_no_name_of_a_disk_or_a_vm_has_a_capital_that_it_does_not_have(
    known: KnownVm, asked: AdviceAsked
) -> None:
    disks = tuple(replace(each, name=f"{_ODD}{'x' * n}") for n, each in enumerate(known.vm.disks))
    machine = replace(known.vm, name="qhost", disks=disks)
    try:
        advice = advise_known(
            replace(known, vm=machine), asked, Tiers(), book(), datetime.now(UTC)
        )  # fmt: skip
    except VmbackupError:
        return
    text = advice_text(advice, width=100, color=False, details=True)
    assert not re.findall(r"Qlogs|Qhost", text)


def test_a_name_at_the_beginning_keeps_its_letters() -> None:
    assert capital("web-01 is off") == "web-01 is off"
    assert capital("vm_a is off") == "vm_a is off"
    assert capital("the VM is off") == "The VM is off"


def test_a_name_is_quoted_in_the_next_command() -> None:
    form = short_form(replace(scenes.development(), known=KnownVm(vm=factories.vm("a b"))))
    assert form.details == "vmbackup advise 'a b' --details"


def test_what_is_in_place_and_stays_has_no_reason_against_it() -> None:
    """Rules of a new one do not forbid what works already."""
    scene = scenes.development()
    plan = scene.decision.plan
    assert plan is not None
    [part] = plan.parts
    refused = part._replace(proposal=part.proposal._replace(verdict=Verdict.NO))
    kept = replace(scene.decision, plan=replace(plan, parts=(refused,)))
    first = options_table(replace(scene, decision=kept)).rows[0]
    assert first.chosen
    assert first.why_not == ""
    new = replace(kept, courses=(Course.PROTECT,))
    beside = replace(kept.plan or plan, parts=(refused._replace(in_place=False),))
    assert options_table(replace(scene, decision=replace(new, plan=beside))).rows[0].why_not

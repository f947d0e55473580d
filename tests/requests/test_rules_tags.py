"""Tags: compared as a reader sees them, and counted for a while after they went."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.composition.actions import action_facts
from bot.requests.approval.choose_rule import choose_rule, why_it_holds
from bot.requests.approval.rules_file import load_rules
from bot.requests.approval.tag_match import as_read, tags_gone, tags_to_keep
from bot.requests.model import RequestPlan, TagSeen
from tests.requests.rule_samples import DBAS, NOW, demand, plan, rule, rules

DAY = timedelta(days=1)
TIGHT = rule("tight", demand(DBAS), tags={"confidentiality": ("high",)})
RULES = rules(rule(), TIGHT)


def is_tight(of: RequestPlan) -> bool:
    found = choose_rule(of, RULES)
    assert found is not None
    return demand(DBAS) in found.demands


def seen(value: str = "high", name: str = "confidentiality", days: int = 1) -> TagSeen:
    return TagSeen(name=name, value=value, seen_at=NOW - days * DAY)


@pytest.mark.parametrize(
    "value",
    [
        "high ",
        "\thigh\u00a0",
        "HIGH",
        "\uff48\uff49\uff47\uff48",  # of full width
        "h\u0456gh",  # a Cyrillic letter
        "\u041dIGH",  # a Cyrillic capital
        "\u0397igh",  # a Greek capital
        "hi\u200bgh",  # with a blank that has no width
        "h\u0131gh",
        "h1gh",
        "h\u00edgh",
    ],
)
def test_a_value_that_looks_like_that_of_the_rule_tightens(value: str) -> None:
    assert is_tight(plan(vm_tags={"confidentiality": value}))


@pytest.mark.parametrize("name", ["Confidentiality ", "c\u043enfidentiality", "CONFIDENTIALITY"])
def test_a_name_that_looks_like_that_of_the_rule_tightens(name: str) -> None:
    assert is_tight(plan(vm_tags={"confidentiality": "low", name: "high"}))


@pytest.mark.parametrize("value", ["low", "", "hig", "highest", "hi gh", "high-2"])
def test_another_word_is_another_value(value: str) -> None:
    assert not is_tight(plan(vm_tags={"confidentiality": value}))


@given(st.text())
def test_what_is_read_once_is_read_the_same_again(text: str) -> None:
    assert as_read(as_read(text)) == as_read(text)
    assert as_read(f" {text}\t") == as_read(text)


def test_a_tag_that_the_vm_had_lately_tightens_and_the_card_says_when_it_was_seen() -> None:
    of = plan(vm_tags={}, vm_tags_gone=(seen(),))
    assert is_tight(of)
    said = why_it_holds(of, RULES)
    assert "confidentiality=high (last seen on this VM on 21 Nov 2026, 12:00 UTC" in said


def test_a_tag_that_only_looks_like_the_rules_is_named_as_the_vm_has_it() -> None:
    said = why_it_holds(plan(vm_tags={"confidentiality": "h1gh"}), RULES)
    assert "the tag confidentiality=high (as which the tag “h1gh” of this VM counts)" in said


def test_a_tag_that_is_there_as_the_rule_says_it_is_said_without_more() -> None:
    said = why_it_holds(plan(vm_tags={"Confidentiality": "High"}), RULES)
    assert said.endswith("“tight” holds for VMs with the tag confidentiality=high")


def test_a_tag_counts_as_gone_where_the_vm_has_no_other_that_reads_the_same() -> None:
    since = NOW - 30 * DAY
    assert tags_gone({}, [seen()], since) == (seen(),)
    assert tags_gone({"confidentiality": "low"}, [seen()], since) == (seen(),)
    assert tags_gone({"Confidentiality": "HIGH "}, [seen()], since) == ()
    assert tags_gone({}, [seen(days=30)], since) == ()


def test_of_a_tag_that_changed_every_value_of_late_is_remembered() -> None:
    first = tags_to_keep({"confidentiality": "high"}, [], NOW - 2 * DAY, 30 * DAY)
    second = tags_to_keep({"confidentiality": "low"}, first, NOW - DAY, 30 * DAY)
    third = tags_to_keep({"confidentiality": "none"}, second, NOW, 30 * DAY)
    assert [(one.value, one.seen_at) for one in third] == [
        ("none", NOW),
        ("low", NOW - DAY),
        ("high", NOW - 2 * DAY),
    ]
    much_later = tags_to_keep({}, third, NOW + 29 * DAY, 30 * DAY)
    assert [one.value for one in much_later] == ["none"]


# --- the setting -----------------------------------------------------------------------------


def digest_and_days(folder: Path, text: str) -> tuple[str, timedelta]:
    path = folder / "vmbackup.toml"
    path.write_text(f"[requests]\n{text}", encoding="utf-8")
    read = load_rules(path, action_facts())
    return read.digest, read.tags_count_for


def test_the_time_that_tags_count_is_a_setting_and_in_the_digest_where_it_is_another(
    tmp_path: Path,
) -> None:
    unset, days = digest_and_days(tmp_path, "")
    assert days == 30 * DAY
    assert digest_and_days(tmp_path, 'tags_count_for = "30d"\n') == (unset, 30 * DAY)
    other, days = digest_and_days(tmp_path, 'tags_count_for = "7d"\n')
    assert days == 7 * DAY
    assert other != unset

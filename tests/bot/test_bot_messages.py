"""The messages: what they say, that nothing in them is markup, and Slack's limits."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sample_advice import (
    BACKUP,
    SITE_RECOVERY,
    SNAPSHOTS,
    a_vm,
    an_advice,
    an_assessment,
    is_in_place,
    monthly,
    the_largest_advice,
    wild_advice,
    wild_text,
)
from slack_limits import characters, problems

from advisor.model import Advice, Event, KnownVm, Plan, Reason, Verdict
from advisor.present.comparison import columns
from bot.messages.blocks import Message, clean, cut, escape, top_level, width
from bot.messages.card import card
from bot.messages.notices import notice

BACKUP_WORDS = "Enhanced policy every 4 h, GRS vault with cross-region restore"
slowly = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def texts(value: Any) -> list[str]:
    """Every text of the blocks, in order."""
    if isinstance(value, dict):
        own = [value["text"]] if isinstance(value.get("text"), str) else []
        return own + [text for each in value.values() for text in texts(each)]
    return (
        [text for each in value for text in texts(each)] if isinstance(value, list | tuple) else []
    )


def rows_of(message: Message) -> list[list[str]]:
    table = next(block for block in message.blocks if block["type"] == "table")
    return [[cell["text"] for cell in row] for row in table["rows"]]


def rows_or_none(message: Message) -> list[list[str]]:
    """Without the heading; empty where there is no table."""
    has_table = any(block["type"] == "table" for block in message.blocks)
    return rows_of(message)[1:] if has_table else []


# --- the card -------------------------------------------------------------------------------


def test_the_recommendation_comes_first_with_its_cost_and_range() -> None:
    """Header, where it is, and then what to do: before any table."""
    message = card(an_advice())
    kinds = [block["type"] for block in message.blocks]
    assert kinds[:4] == ["header", "context", "rich_text", "table"]
    assert texts(message.blocks[2]) == [
        "Take Azure Backup (Enhanced policy every 4 h, GRS vault with cross-region restore). "
        "31.20 USD a month (24.90 to 44.10)."
    ]


def test_the_table_has_one_row_per_option_with_what_it_gives() -> None:
    heading, backup, site_recovery, snapshots = rows_of(card(an_advice()))
    assert heading[0] == "Option"
    assert backup == [
        "Azure Backup (recommended)",
        "yes",
        "31.20 USD (24.90 to 44.10)",
        "4 h",
        "region 36 h",
        "deletion about 4 h, region about 4 h",
        "yes",
    ]
    assert snapshots[0] == "Snapshots: incremental, every 24 h, keeps 7"
    assert snapshots[3:] == ["24 h", "none", "deletion about 4 h", "no, lacks region"]
    assert site_recovery[1:] == ["no", "at least 41.00 USD", "-", "-", "-", "no"]


def test_the_row_of_an_option_is_its_first_assessment() -> None:
    """The best configuration comes first in the advice, and the worse one is not shown."""
    worse = an_assessment("snapshots", configuration={"every": "1h"})
    rows = rows_of(card(an_advice(assessments=(SNAPSHOTS, worse, BACKUP))))
    assert [row[0].split(":")[0] for row in rows[1:]] == ["Azure Backup (recommended)", "Snapshots"]
    assert "every 1 h" not in str(rows)


def test_a_pair_is_one_row_with_what_it_costs_and_gives_together() -> None:
    allowed = SITE_RECOVERY._replace(proposal=SITE_RECOVERY.proposal._replace(verdict=Verdict.YES))
    pair = Plan(
        parts=(BACKUP, allowed),
        monthly=monthly("50", "60", "70"),
        met=frozenset({Event.DELETION, Event.REGION}),
    )
    message = card(an_advice(recommended=pair))
    assert message.text.startswith("web-01: Take Azure Backup (Enhanced policy every 4 h")
    assert "and Site Recovery (to northeurope" in message.text
    assert rows_of(message)[1] == [
        "Azure Backup + Site Recovery (recommended)",
        "yes",
        "60.00 USD (50.00 to 70.00)",
        "4 h",
        "region 15 min",
        "deletion about 4 h, region about 4 h",
        "yes",
    ]


def test_what_is_in_place_and_recommended_is_kept_not_taken() -> None:
    plan = Plan(parts=(BACKUP,), monthly=BACKUP.monthly, met=frozenset(), in_place=True)
    assert card(an_advice(recommended=plan)).text.startswith("web-01: Keep Azure Backup")


def test_an_option_that_is_not_allowed_says_which_rule_forbids_it() -> None:
    assert "Site Recovery: Its disk controller is NVMe." in texts(card(an_advice()).blocks)


def test_when_nothing_meets_the_need_the_nearest_and_its_gap_are_shown() -> None:
    unmet = ("the region needs an RPO of 15 min",)
    near = Plan(parts=(BACKUP,), monthly=BACKUP.monthly, met=frozenset(), unmet=unmet)
    message = card(an_advice(recommended=None, nearest=(near,)))
    assert "web-01: Nothing that this VM may use meets the need." in message.text
    assert "Unmet: The region needs an RPO of 15 min." in message.text
    assert "Nearest plans" in texts(message.blocks)


def test_the_top_level_text_alone_carries_the_whole_meaning() -> None:
    """Screen readers and notifications see nothing else."""
    advice = an_advice(
        warnings=("Snapshots are not isolated.",), in_place=(is_in_place("A policy is overdue."),)
    )
    text = card(advice).text
    for part in (
        f"web-01: Take Azure Backup ({BACKUP_WORDS})",
        "31.20 USD a month (24.90 to 44.10)",
        "Snapshots: incremental, every 24 h, keeps 7; allowed: yes; 4.05 USD (3.10 to 6.20)",
        "allowed: no; at least 41.00 USD a month",
        "Site Recovery: Its disk controller is NVMe.",
        "Why: It is the cheapest that keeps an isolated copy in another region.",
        "Not covered: Losing less than 36h",
        "A policy is overdue.",
        "Snapshots are not isolated.",
        "How much changes a day is assumed",
        "Prices as of 2026-10-01.",
        "158 GB (stated) in use",
    ):
        assert part in text


def test_the_small_print_says_prices_sizes_and_who_asked() -> None:
    *_, last = card(an_advice(), "Asked for by ada: /vmbackup advise web-01").blocks
    assert texts(last) == [
        "Prices as of 2026-10-01. Sizes: 158 GB (stated) in use, "
        "3.2 GB (assumed) changed a day, 9.6 GB (assumed) written a day.",
        "Asked for by ada: /vmbackup advise web-01",
    ]


def test_the_group_and_the_subscription_tell_vms_of_one_name_apart() -> None:
    where, subscription, _ = texts(card(an_advice()).blocks[1])
    assert where.startswith("web-01 in rg-shop: Standard_D2s_v3")
    assert subscription == "Subscription 0b1f6471-1bf0-4dda-aec3-111122223333"


def test_the_need_it_was_held_against_is_said_with_where_it_comes_from() -> None:
    message = card(an_advice())
    need = (
        "Need: survive deletion (lose at most 24 h) and the loss of its region (lose at most 36 h, "
        "back within 24 h); keep daily=30,weekly=12; out of reach of whoever can delete the VM "
        "(tier production; region by flag)"
    )
    assert texts(message.blocks[1])[2] == need
    assert need in message.text


def test_a_need_that_is_missed_in_other_ways_names_the_first() -> None:
    """Every event is met, and yet something is not."""
    short = an_assessment("snapshots", meets_need=False, unmet=("points kept 7 days of 84",))
    met = short._replace(met=frozenset({Event.DELETION, Event.REGION}))
    assert rows_of(card(an_advice(assessments=(met,))))[2][6] == "no: points kept 7 days of 84"


def test_a_long_list_says_how_many_more() -> None:
    warnings = tuple(f"Warning {n}." for n in range(8))
    shown = texts(card(an_advice(warnings=warnings)).blocks)
    assert "Warning 2." in shown
    assert "Warning 3." not in shown
    assert "and 5 more" in shown


def test_nothing_found_is_said_in_the_words_of_the_advice() -> None:
    """ "Unprotected" is only said where the advice says it."""
    message = card(an_advice(unprotected="not in vault v1"))
    assert "This VM is not in vault v1." in texts(message.blocks)
    assert "unprotected" not in message.text
    unread = card(an_advice(unprotected="whether anything protects it was not read"))
    assert "Whether anything protects it was not read." in texts(unread.blocks)


def test_the_card_is_for_the_channel_and_notices_are_for_the_person() -> None:
    assert card(an_advice()).as_dict()["response_type"] == "in_channel"
    assert notice("No.").as_dict()["response_type"] == "ephemeral"


def test_a_vm_whose_name_calls_the_channel_calls_nobody() -> None:
    message = card(an_advice(known=KnownVm(vm=a_vm("<!here> & *co*"))))
    assert "<" not in message.text
    assert "&lt;!here&gt; &amp; *co*" in message.text
    assert message.blocks[0]["text"] == {
        "type": "plain_text",
        "text": "Protection for <!here> & *co*",
        "emoji": False,
    }


@slowly
@given(wild_advice(), wild_text)
def test_every_card_obeys_slacks_limits(advice: Any, asked: str) -> None:
    """Any VM name, any number of disks, assessments, missing prices, sentences of any length."""
    assert problems(card(advice, asked).as_dict()) == []


def test_the_largest_card_there_can_be_obeys_slacks_limits() -> None:
    assert problems(card(the_largest_advice(), "&" * 5000).as_dict()) == []


@pytest.mark.parametrize("advice", [an_advice(), the_largest_advice()])
def test_slacks_own_models_take_every_block(advice: Advice) -> None:
    """They check less than our checker, but they are Slack's."""
    from slack_sdk.models.blocks import Block

    for block in card(advice).blocks:
        parsed = Block.parse(block)
        assert parsed is not None
        parsed.validate_json()


@slowly
@given(wild_advice())
def test_a_missing_price_is_never_shown_as_an_amount(advice: Any) -> None:
    """A cost that is only a floor says so, in the table as in the text."""
    for column, row in zip(columns(advice), rows_or_none(card(advice)), strict=False):
        if not column.monthly.complete:
            assert row[2].startswith(("at least ", "not known"))


# --- cutting --------------------------------------------------------------------------------


@given(wild_text, st.integers(2, 300))
def test_a_cut_text_is_never_wider_than_its_limit_nor_empty(text: str, limit: int) -> None:
    limit = max(limit, len("(empty)"))
    assert 0 < characters(cut(text, limit)) <= limit


@given(st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=50))
def test_a_text_that_fits_is_left_as_it_is(text: str) -> None:
    assert cut(text, 1000) == clean(text) == text
    assert width(text) == characters(text)


@given(st.lists(wild_text, min_size=1, max_size=20))
def test_the_top_level_text_ends_with_a_whole_sentence(given_sentences: list[str]) -> None:
    text = top_level(given_sentences)
    whole = [escape(cut(sentence, 3999)) for sentence in given_sentences]
    assert any(text == " ".join(whole[:count]) for count in range(1, len(whole) + 1))


def test_characters_that_cannot_be_seen_are_left_out() -> None:
    assert clean("web\u202e\u200b-01\n\x00") == "web-01"
    assert clean("\u200b") == "(empty)"


# --- the checker itself ---------------------------------------------------------------------


def test_the_checker_finds_what_slack_would_refuse() -> None:
    """Each of these is one that Slack's own SDK lets through."""
    good = card(an_advice()).as_dict()
    ragged = {"type": "table", "rows": [[{"type": "raw_text", "text": "a"}], []]}
    number = {"type": "table", "rows": [[{"type": "number", "text": "a"}]]}
    marked = {"type": "header", "text": {"type": "mrkdwn", "text": "*a*"}}
    field = {"type": "section", "fields": [{"type": "plain_text", "text": "x" * 2001}]}
    twice = {"type": "divider", "block_id": "a"}
    for bad, found in (
        ({"blocks": [{"type": "divider"}] * 51}, "51 blocks"),
        ({"blocks": [ragged]}, "ragged rows"),
        ({"blocks": [number]}, "a cell of type number"),
        ({"blocks": [marked]}, "header is not plain_text"),
        ({"blocks": [field]}, "field has 2001 characters of 2000"),
        ({"blocks": [twice, twice]}, "a block_id is used twice"),
        ({"blocks": [{"type": "card"}]}, "an unknown block: card"),
        ({"text": "<!here>"}, "the text holds markup"),
        ({"text": ""}, "the text has 0 characters"),
        ({"text": "x" * 4001}, "the text has 4001 characters"),
    ):
        assert found in problems(good | bad)


def test_the_card_says_what_limits_the_recommended_plan_and_nothing_twice() -> None:
    spot = Reason("spot", Verdict.NO, "It is restored as a regular VM", "matrix", blocking=False)
    open_question = Reason("vault", Verdict.UNKNOWN, "The articles disagree", "restore", False)
    limited = BACKUP._replace(proposal=BACKUP.proposal._replace(reasons=(spot, open_question)))
    plan = Plan(parts=(limited,), monthly=limited.monthly, met=limited.met, unmet=())
    said = texts(card(an_advice(recommended=plan, warnings=(open_question.text,))).blocks)
    assert "Azure Backup: It is restored as a regular VM." in said
    assert sum("The articles disagree" in each for each in said) == 1

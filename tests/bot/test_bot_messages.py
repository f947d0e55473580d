"""The messages: what they say, that nothing in them is markup, and Slack's limits."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
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
from slack_limits import problems

from advisor.model import (
    Advice,
    Event,
    KnownVm,
    Plan,
    ProtectionNow,
    Reason,
    StateNow,
    Verdict,
)
from advisor.present.short_table import options_table
from bot.messages.advice_told import told
from bot.messages.blocks import Message, clean
from bot.messages.card import MOST_WORDS, CardShown
from bot.messages.card import card as drawn
from bot.messages.notices import notice

ADVICE = "a-0123456789ab"
BACKUP_WORDS = "Enhanced policy every 4 h, GRS vault with cross-region restore"
slowly = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def card(advice: Advice, asked: str = "", **shown: Any) -> Message:
    return drawn(told(advice), CardShown(advice_id=ADVICE, asked=asked, **shown))


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


def test_the_state_comes_first_then_what_to_do_and_the_table() -> None:
    """In the order of the terminal: state, course with cost and range, uncovered, options."""
    message = card(an_advice())
    kinds = [block["type"] for block in message.blocks]
    assert kinds == ["header", *["rich_text"] * 3, "table", "actions", "context"]
    assert texts(message.blocks[0]) == ["🔴 web-01 is unprotected"]
    assert texts(message.blocks[1]) == [
        "Protect it with Azure Backup: 31 USD a month (25 to 44).",
        f"{BACKUP_WORDS}.",
    ]
    assert "".join(texts(message.blocks[3])) == (
        "Not covered: Losing less than 36h of data when the region is lost."
    )


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (StateNow.PARTLY, "🟠 web-01 is partly protected"),
        (StateNow.PROTECTED, "🟢 web-01 is protected"),
        (StateNow.SETTING_UP, "🟡 web-01: protection is being set up"),
        (StateNow.BROKEN, "🔴 web-01: protection is broken"),
        (StateNow.UNKNOWN, "⚪ web-01: protection unknown"),
    ],
)
def test_each_state_has_a_sign_and_a_word(state: StateNow, said: str) -> None:
    message = card(an_advice(now=ProtectionNow(state, "data-1 is in no point")))
    assert texts(message.blocks[0]) == [said]
    assert texts(message.blocks[1])[0] == "data-1 is in no point."


def test_the_table_has_four_columns_and_one_row_per_option() -> None:
    heading, backup, site_recovery, snapshots = rows_of(card(an_advice()))
    assert heading == ["Option", "If it is deleted", "If the region is lost", "USD a month"]
    assert backup == [
        "→ Azure Backup",
        "lose 4 h, back in ~4 h",
        "lose 36 h, back in ~4 h",
        "31 (25 to 44)",
    ]
    assert snapshots == [
        "Snapshots",
        "lose 24 h, back in ~4 h",
        "not covered",
        "4.05 (3.10 to 6.20)",
    ]
    assert site_recovery == ["Site Recovery", "no: its disk controller is NVMe.", "-", "-"]


def test_the_row_of_an_option_is_its_first_assessment() -> None:
    """The best configuration comes first in the advice, and the worse one is not shown."""
    worse = an_assessment("snapshots", monthly=monthly("900", "900", "900"))
    rows = rows_of(card(an_advice(assessments=(SNAPSHOTS, worse, BACKUP))))
    assert [row[0] for row in rows[1:]] == ["→ Azure Backup", "Snapshots"]
    assert "900" not in str(rows)


def test_a_pair_is_one_row_with_what_it_costs_and_gives_together() -> None:
    allowed = SITE_RECOVERY._replace(proposal=SITE_RECOVERY.proposal._replace(verdict=Verdict.YES))
    pair = Plan(
        parts=(BACKUP, allowed),
        monthly=monthly("50", "60", "70"),
        met=frozenset({Event.DELETION, Event.REGION}),
    )
    message = card(an_advice(recommended=pair))
    assert "Protect it with Azure Backup and Site Recovery: 60 USD a month (50 to 70)." in (
        message.text
    )
    assert "Azure Backup: Enhanced policy every 4 h" in message.text
    assert rows_of(message)[1] == [
        "→ Azure Backup + Site Recovery",
        "lose 4 h, back in ~4 h",
        "lose 15 min, back in ~4 h",
        "60 (50 to 70)",
    ]


def test_what_is_in_place_and_recommended_is_kept_not_taken() -> None:
    plan = Plan(parts=(BACKUP,), monthly=BACKUP.monthly, met=frozenset(), in_place=True)
    assert "Keep Azure Backup: 31 USD a month" in card(an_advice(recommended=plan)).text


def test_when_nothing_meets_the_need_the_nearest_and_its_gap_are_shown() -> None:
    unmet = ("the region needs an RPO of 15 min",)
    near = Plan(parts=(BACKUP,), monthly=BACKUP.monthly, met=frozenset(), unmet=unmet)
    message = card(an_advice(recommended=None, nearest=(near,)))
    assert "Nothing that this VM may use meets the need." in message.text
    assert "Not covered: The region needs an RPO of 15 min." in message.text
    assert "The region needs an RPO of 15 min." in texts(message.blocks)


def test_the_top_level_text_alone_carries_the_whole_meaning() -> None:
    """Screen readers and notifications see nothing else."""
    advice = an_advice(
        warnings=("Snapshots are not isolated.",), in_place=(is_in_place("A policy is overdue."),)
    )
    text = card(advice).text
    for part in (
        "web-01 is unprotected. Protect it with Azure Backup: 31 USD a month (25 to 44).",
        BACKUP_WORDS,
        "Snapshots: if it is deleted: lose 24 h, back in ~4 h; if the region is lost: not covered",
        "Site Recovery: no: its disk controller is NVMe.",
        "It is the cheapest that keeps an isolated copy in another region.",
        "Not covered: Losing less than 36h",
        "A policy is overdue.",
        "Snapshots are not isolated.",
        "Snapshots are cheaper below 9 days of retention.",
        "Prices of 2026-10-01, 10 days old.",
        "158 GB (stated) in use",
    ):
        assert part in text


def small_print(message: Message) -> list[str]:
    return next(texts(block) for block in message.blocks if block["type"] == "context")


def test_the_small_print_has_the_need_the_vm_the_prices_and_the_id() -> None:
    assert small_print(card(an_advice(), "Asked for by ada: /vmbackup advise web-01")) == [
        "meets the production tier (tier production; region by flag) · 2 disks, size of 2 disks "
        "not known, Standard_D2s_v3, westeurope · prices of 2026-10-01, 10 days old",
        f"To see it again: /vmbackup advice {ADVICE}",
        "~ assumed from the size: rehearse a restore to know.",
        "Asked for by ada: /vmbackup advise web-01",
    ]


def test_a_need_that_is_not_simply_met_is_said_before_the_buttons() -> None:
    unmet = ("the region needs an RPO of 15 min",)
    near = Plan(parts=(BACKUP,), monthly=BACKUP.monthly, met=frozenset(), unmet=unmet)
    message = card(an_advice(recommended=None, nearest=(near,)))
    assert "Does not meet the production tier" in str(message.blocks[:2])
    assert small_print(message)[0].startswith("the production tier")


def test_no_id_of_a_subscription_is_on_the_card() -> None:
    message = card(an_advice(), "Asked for by ada", offers_snapshot=True)
    values = [each.pop("value") for each in message.blocks[-2]["elements"]]
    assert len(values) == 5
    assert "0b1f6471" not in str(message.blocks) + message.text


def test_only_three_options_stand_in_the_table_and_why_has_them_all() -> None:
    options = tuple(
        an_assessment(name) for name in ("azure-backup", "site-recovery", "snapshots", "other")
    )
    advice = an_advice(assessments=options)
    assert len(rows_of(card(advice))) == 1 + 3
    titles = {each.title: each.items for each in told(advice).why}
    assert len(titles["The options"]) == 4


def test_the_gaps_come_first_then_no_more_than_three_and_how_many_there_are() -> None:
    uncovered = tuple(f"Thing {number} is not covered." for number in range(7))
    message = card(an_advice(not_covered=uncovered))
    said = texts(message.blocks[3])
    assert said == ["Not covered", "Thing 0.", "Thing 1.", "Thing 2.", "and 4 more under Why"]


def buttons_of(message: Message) -> list[str]:
    rows = [block for block in message.blocks if block["type"] == "actions"]
    return [each["text"]["text"] for row in rows for each in row["elements"]]


def test_the_buttons_are_those_that_lead_somewhere() -> None:
    every = ["Ask for a snapshot", "Why", "The bill", "Sizes are known", "Share here"]
    assert buttons_of(card(an_advice(), offers_snapshot=True)) == every
    assert buttons_of(card(an_advice(), offers_snapshot=True, public=True)) == every[:-1]
    assert buttons_of(card(an_advice())) == every[1:]
    not_stored = drawn(told(an_advice()))
    assert buttons_of(not_stored) == []
    assert "could not be stored" in small_print(not_stored)[-1]


def test_what_changed_since_stands_before_what_was_said() -> None:
    message = card(an_advice(), notes=("Given on 1 Nov 2026, 10:00 UTC.", "Its tags changed: x."))
    assert texts(message.blocks[1]) == ["Given on 1 Nov 2026, 10:00 UTC. Its tags changed: x."]
    assert message.text.startswith("Given on 1 Nov 2026, 10:00 UTC. Its tags changed: x. web-01")


def test_why_it_is_not_public_is_said() -> None:
    message = card(an_advice(), private_because="This channel is shared.")
    assert small_print(message)[-1] == "This channel is shared."
    assert message.text.startswith("This channel is shared.")


def words_before_the_buttons(message: Message) -> int:
    count = 0
    for block in message.blocks:
        if block["type"] in ("actions", "context"):
            return count
        count += sum(len(text.split()) for text in texts(block))
    return count


@slowly
@given(wild_advice())
def test_at_most_150_words_stand_before_the_buttons(advice: Any) -> None:
    assert words_before_the_buttons(card(advice, offers_snapshot=True)) <= MOST_WORDS
    notes = ("Its tags changed: " + "many words " * 90,)
    assert words_before_the_buttons(card(advice, notes=notes)) <= MOST_WORDS


def test_nobody_in_slack_is_sent_to_a_terminal() -> None:
    """Whoever reads a card may have none."""
    to_fetch = "Its price is incomplete. To complete it: vmbackup prices update --region x."
    message = card(an_advice(reasons=(to_fetch,), warnings=("Run vmbackup inventory query.",)))
    for said in (message.text, str(message.blocks)):
        assert "vmbackup prices" not in said
        assert "vmbackup inventory" not in said
        assert "terminal" not in said


def test_nothing_found_is_said_in_the_words_of_the_advice() -> None:
    """ "Unprotected" is only said where the advice says it."""
    unknown = ProtectionNow(StateNow.UNKNOWN, "not in vault v1; the other vaults were not read")
    message = card(an_advice(unprotected="not in vault v1", now=unknown))
    assert "Not in vault v1; the other vaults were not read." in texts(message.blocks)
    assert "unprotected" not in message.text


def test_the_card_is_for_the_person_unless_it_is_shared() -> None:
    assert card(an_advice()).as_dict()["response_type"] == "ephemeral"
    assert card(an_advice(), public=True).as_dict()["response_type"] == "in_channel"
    assert notice("No.").as_dict()["response_type"] == "ephemeral"


def test_a_vm_whose_name_calls_the_channel_calls_nobody() -> None:
    message = card(an_advice(known=KnownVm(vm=a_vm("<!here> & *co*"))))
    assert "<" not in message.text
    assert "&lt;!here&gt; &amp; *co*" in message.text
    assert message.blocks[0]["text"] == {
        "type": "plain_text",
        "text": "🔴 <!here> & *co* is unprotected",
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
    for option, row in zip(options_table(advice).rows, rows_or_none(card(advice)), strict=False):
        assert row[3] == (clean(option.monthly) if option.monthly else "-")
    plan = advice.decision.plan
    rows = rows_or_none(card(advice))
    if rows and plan is not None and not plan.monthly.complete:
        assert rows[0][3].startswith(("at least ", "not known", "-"))


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


def test_an_open_question_is_said_once() -> None:
    open_question = Reason("vault", Verdict.UNKNOWN, "The articles disagree", "restore")
    limited = BACKUP._replace(proposal=BACKUP.proposal._replace(reasons=(open_question,)))
    plan = Plan(parts=(limited,), monthly=limited.monthly, met=limited.met, unmet=())
    said = texts(card(an_advice(recommended=plan, warnings=(open_question.text,))).blocks)
    assert sum("articles disagree" in each for each in said) == 1

"""The card of any VM is short: the sample fleet, what is judged, and inputs of others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from slack_limits import problems

from advisor.model import Advice
from bot.messages.advice_told import as_stored, from_stored, told
from bot.messages.advice_views import bill_view, why_view
from bot.messages.card import MOST_ROWS, MOST_WORDS, CardShown, card
from deploy.local.slack.limits import view_is_too_large, view_problems
from tests.judgement import protected, unprotected
from tests.judgement.page import advice_on
from tests.present.real_advice import SAMPLE, SHARED, advices_of, advices_of_others

SITUATIONS = (*unprotected.SITUATIONS, *protected.SITUATIONS)
SHOWN = CardShown(advice_id="a-0123456789ab", offers_snapshot=True)


def texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("text"), str):
            yield value["text"]
        for each in value.values():
            yield from texts(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from texts(each)


def hold(advices: Iterable[Advice]) -> int:
    """Every card and view of these is as short as promised, and Slack takes it."""
    count = 0
    for advice in advices:
        said = told(advice)
        message = card(said, SHOWN)
        kinds = [block["type"] for block in message.blocks]
        before = message.blocks[: kinds.index("actions")]
        name = advice.known.vm.name
        assert sum(len(text.split()) for text in texts(before)) <= MOST_WORDS, name
        assert kinds[0] == "header"
        assert kinds[-2:] == ["actions", "context"]
        for block in message.blocks:
            if block["type"] == "table":
                assert len(block["rows"]) <= 1 + MOST_ROWS
                assert {len(row) for row in block["rows"]} == {4}
        assert advice.known.vm.subscription_id not in str(list(texts(message.blocks))), name
        assert problems(message.as_dict()) == []
        for view in (why_view(said), bill_view(said)):
            assert view_problems(view) == []
            assert not view_is_too_large(view)
        assert from_stored(as_stored(said)) == said, name
        count += 1
    return count


def test_the_cards_of_the_sample_fleet_are_short() -> None:
    assert hold(advices_of(SAMPLE)) > 10


def test_the_cards_of_everything_that_is_judged_are_short() -> None:
    assert hold(advice_on(each) for each in SITUATIONS) == len(SITUATIONS)


@pytest.mark.parametrize("folder", ["cases", "situations"])
def test_the_cards_of_others_inputs_are_short(folder: str) -> None:
    if not hold(advices_of_others(folder)):
        pytest.skip(f"there is no {SHARED / folder} here")

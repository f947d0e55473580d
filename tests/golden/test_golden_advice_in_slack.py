"""The card of an advice and what opens from it, as files that a person has read."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from slack_as_text import drawn, view_drawn

from advisor.model import Advice
from bot.messages.advice_told import told
from bot.messages.advice_views import bill_view, sizes_form, why_view
from bot.messages.card import CardShown, card
from bot.messages.plainer import plainer_messages
from tests.present import scenes

Compare = Callable[[str, str], None]

SCENES: dict[str, Callable[[], Advice]] = {
    "mission-critical": scenes.mission_critical,
    "price-missing": scenes.price_missing,
    "development": scenes.development,
}
every_scene = pytest.mark.parametrize("scene", SCENES)
ADVICE = "a-0123456789ab"
SHOWN = CardShown(advice_id=ADVICE, offers_snapshot=True)


@every_scene
def test_the_card_reads_as_it_did(scene: str, golden: Compare) -> None:
    golden(f"{scene}.slack.txt", drawn(card(told(SCENES[scene]()), SHOWN)))


@every_scene
def test_why_reads_as_it_did(scene: str, golden: Compare) -> None:
    golden(f"{scene}.why.slack.txt", view_drawn(why_view(told(SCENES[scene]()))))


@every_scene
def test_the_bill_reads_as_it_did(scene: str, golden: Compare) -> None:
    golden(f"{scene}.bill.slack.txt", view_drawn(bill_view(told(SCENES[scene]()))))


def test_the_form_for_known_sizes_reads_as_it_did(golden: Compare) -> None:
    golden("advice.sizes.slack.txt", view_drawn(sizes_form(ADVICE, "web-01", "", "C01OPS")))


def test_a_shared_card_reads_as_it_did(golden: Compare) -> None:
    shown = CardShown(
        advice_id=ADVICE,
        public=True,
        offers_snapshot=True,
        asked="Shared by ada: /vmbackup advise web-01",
        notes=("Given on 1 Nov 2026, 10:00 UTC.", "Its tags changed: environment is new."),
    )
    golden("advice.shared.slack.txt", drawn(card(told(scenes.development()), shown)))


def test_a_card_for_a_slack_without_tables_reads_as_it_did(golden: Compare) -> None:
    plainer, bare = plainer_messages(card(told(scenes.development()), SHOWN))
    assert bare.blocks == ()
    golden("advice.plainer.slack.txt", drawn(plainer))

"""Where texts are cut to Slack's limits: never wider, never empty, never in half a sentence."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from sample_advice import wild_text
from slack_limits import characters

from bot.messages.blocks import clean, cut, escape, top_level, width


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

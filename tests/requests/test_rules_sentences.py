"""Every reason has a sentence, whole and plain, whatever strangers are called."""

from __future__ import annotations

import string

import pytest

from bot.requests.approval.rulings import SENTENCES, UNKNOWN, RulingReason, no, sentence_of


def words_of(reason: RulingReason) -> dict[str, str]:
    fields = string.Formatter().parse(SENTENCES[reason])
    return {name: name for _, name, _, _ in fields if name}


def test_every_reason_has_a_sentence_of_its_own() -> None:
    assert set(SENTENCES) == set(RulingReason)
    assert len(set(SENTENCES.values())) == len(SENTENCES)


@pytest.mark.parametrize("reason", list(RulingReason))
def test_a_sentence_begins_large_ends_and_fits_into_a_message(reason: RulingReason) -> None:
    said = sentence_of(reason, **{**words_of(reason), "first": "Grace approved it first."})
    assert said[0].isupper() or said[0] in "“[" or said.startswith("who ")  # a name stays as it is
    assert said.endswith(".")
    assert "  " not in said
    assert len(said) < 500


def test_what_a_stranger_is_called_is_text_and_nothing_else() -> None:
    said = no(RulingReason.GUEST, who="{circle} <!here>\u202e\nMallory").sentence
    assert said == "{circle} <!here> Mallory is a guest in this workspace; guests may not do this."


def test_what_cannot_be_read_says_that_it_is_worth_trying_again() -> None:
    for reason in UNKNOWN:
        assert "Try again" in SENTENCES[reason]

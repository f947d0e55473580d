"""What people type, and what Slack and phones make of it."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.errors import UsageError
from bot.commands.typed import words_of


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("advise web-01 --rpo 4h", ["advise", "web-01", "--rpo", "4h"]),
        ("advise web-01 —rpo 4h", ["advise", "web-01", "--rpo", "4h"]),
        ("advise web-01 –rpo=4h", ["advise", "web-01", "--rpo=4h"]),
        ("advise web-01 -–rpo 4h", ["advise", "web-01", "--rpo", "4h"]),
        ("advise web‑01", ["advise", "web-01"]),
        ("advise “web 01”", ["advise", "web 01"]),
        ("advise ‘web 01’", ["advise", "web 01"]),
        ("advise\u00a0web-01\u200b", ["advise", "web-01"]),
        ("advise <http://web-01|web-01>", ["advise", "web-01"]),
        ("advise <http://web-01.example.com|web-01.example.com>", ["advise", "web-01.example.com"]),
        ("advise <@U012ABCDEF|web-01>", ["advise", "web-01"]),
        ("advise <#C012ABCDEF|web>", ["advise", "web"]),
        ("advise <http://web-01>", ["advise", "http://web-01"]),
        ("advise a&amp;b &lt;c&gt;", ["advise", "a&b", "<c>"]),
        ("advise &amp;lt;", ["advise", "&lt;"]),
        ("advise `web-01`", ["advise", "web-01"]),
        (r"advise rg\web-01 #1", ["advise", r"rg\web-01", "#1"]),
        ("", []),
        ("  \n ", []),
    ],
)
def test_a_command_is_read_as_the_person_meant_it(typed: str, read: list[str]) -> None:
    assert words_of(typed) == read


def test_a_dash_inside_a_name_is_not_a_flag() -> None:
    assert words_of("advise web—prod") == ["advise", "web—prod"]


def test_an_open_quotation_mark_is_a_sentence() -> None:
    with pytest.raises(UsageError, match="quotation mark"):
        words_of("advise “web-01")


def test_a_very_long_text_is_refused_before_it_is_read() -> None:
    with pytest.raises(UsageError, match="too long"):
        words_of("x" * 4001)


@given(st.text(max_size=4000))
def test_any_text_is_read_or_refused_with_a_sentence(text: str) -> None:
    with contextlib.suppress(UsageError):
        assert all(isinstance(word, str) for word in words_of(text))


@given(st.lists(st.from_regex(r"[a-z0-9][a-z0-9./=-]{0,20}", fullmatch=True), max_size=8))
def test_plain_words_come_through_as_they_are(words: list[str]) -> None:
    assert words_of(" ".join(words)) == words

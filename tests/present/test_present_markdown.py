"""An advice as Markdown: tables and lists of ours, and nothing that a stranger could write."""

from __future__ import annotations

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from advisor.model import Advice, Estimated
from advisor.present.as_markdown import advice_markdown, escaped, estimated_markdown
from advisor.words import clean
from tests.present import scenes
from tests.present.strategies import advices, estimates, words

few = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
#: CommonMark with HTML let through, tables and strikethrough: the most that markup can do.
reader = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
OURS = {
    "heading_open", "paragraph_open", "bullet_list_open", "list_item_open", "table_open",
    "thead_open", "tbody_open", "tr_open", "th_open", "td_open", "inline",
}  # fmt: skip


def _read(text: str) -> str:
    """The text a reader sees, where it is one paragraph of text and nothing else."""
    tokens = reader.parse(text)
    assert [token.type for token in tokens] == ["paragraph_open", "inline", "paragraph_close"]
    children = tokens[1].children or []
    assert {child.type for child in children} <= {"text", "text_special"}
    return "".join(child.content for child in children).replace("\u200b", "")


@settings(max_examples=300)
@given(st.text(min_size=1) | words)
def test_any_text_reads_as_itself_and_as_nothing_else(text: str) -> None:
    expected = clean(text)
    if expected:
        assert _read(escaped(text)) == expected


@pytest.mark.parametrize(
    "text",
    ["1. one", "- one", "+ one", "# one", "> one", "=", "---", "***", "~~~", "```", "<!-- x -->",
     "<script>", "[a](b)", "![a](b)", "a & b &amp; c", "| a |", "\\", "\\*", "$x$", "    code",
     "[a]: b", "12)", "&#42;"],
)  # fmt: skip
def test_what_begins_a_block_or_a_span_begins_neither(text: str) -> None:
    assert _read(escaped(text)) == clean(text)


@pytest.mark.parametrize("text", ["@team", "#12", "https://evil.example", "www.evil.example"])
def test_what_github_would_link_is_parted_by_an_invisible_space(text: str) -> None:
    children = reader.parse(escaped(text))[1].children or []
    shown = "".join(child.content for child in children)
    assert text not in shown
    assert shown.replace("\u200b", "") == text


@few
@given(advices())
def test_an_advice_holds_only_blocks_of_ours(advice: Advice) -> None:
    _only_ours(advice_markdown(advice, details=True))


@few
@given(estimates())
def test_an_estimate_holds_only_blocks_of_ours(estimated: Estimated) -> None:
    _only_ours(estimated_markdown(estimated))


def _only_ours(markdown: str) -> None:
    for token in reader.parse(markdown):
        assert token.type in OURS or token.type.endswith("_close"), token
        for child in token.children or []:
            if child.type == "html_inline":
                assert child.content == "<br>"
            else:
                assert child.type in {"text", "text_special", "strong_open", "strong_close"}


def test_the_tables_have_a_cell_for_every_column() -> None:
    written = advice_markdown(scenes.mission_critical(), details=True)
    for table in re.findall(r"(?:^\|.*\n)+", written, re.MULTILINE):
        assert len({row.count("|") for row in table.splitlines()}) == 1


def test_it_says_what_the_text_says() -> None:
    written = advice_markdown(scenes.price_missing(), details=True)
    assert "at least 17.60 USD a month (no price for vault storage)" in written
    assert "This VM is not in vault v1." in written
    assert "### Not allowed" in written

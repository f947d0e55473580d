"""Every kind of message and form, as it looks at a desk and on a phone: .pictures/index.html."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from tests.browser.picturing import (
    PICTURES,
    WIDTHS,
    Looked,
    Pictured,
    every_message_and_form,
    picture,
    played_slack,
    studio,
    write_index,
)

if TYPE_CHECKING:
    from playwright.async_api import Browser

pytestmark = pytest.mark.asyncio(loop_scope="session")

PHONE = 390
#: What of a message is on the first screen of a phone, above the box: 844 pixels less what is
#: around the messages.
FIRST_SCREEN = 640
#: A table of so many columns is whole on a phone.
FOUR_COLUMNS = 4
#: A message of more blocks than that is a card, and begins with its header.
FEW_BLOCKS = 2

Seen = Mapping[int, list[tuple[Pictured, Looked]]]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def seen(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Seen]:
    """Everything once at each width; the pictures stay in .pictures."""
    folder: Path = tmp_path_factory.mktemp("pictured")
    every = await asyncio.to_thread(every_message_and_form, folder)
    found: dict[int, list[tuple[Pictured, Looked]]] = {}
    async with played_slack() as slack:
        for width in WIDTHS:
            async with studio(browser, slack, width) as page:
                found[width] = [(one, await picture(page, slack, one, width)) for one in every]
    write_index(every)
    yield found


def columns(one: Pictured) -> int:
    """Of its widest table."""
    tables = [each for each in one.what.get("blocks", ()) if each["type"] == "table"]
    return max((len(each["rows"][0]) for each in tables), default=0)


async def test_every_message_and_form_has_its_picture_at_both_widths(seen: Seen) -> None:
    names = {one.name for one, _ in seen[PHONE]}
    assert len(names) == len(seen[PHONE])
    for width in WIDTHS:
        assert names <= {path.stem for path in (PICTURES / str(width)).glob("*.png")}
    for part in ("card", "notes", "lists", "forms", "plans", "why", "bill"):
        assert any(part in name for name in names), part


@pytest.mark.parametrize("width", WIDTHS)
async def test_nothing_is_drawn_beyond_the_edge(seen: Seen, width: int) -> None:
    assert {one.name: looked.beyond for one, looked in seen[width] if looked.beyond} == {}


async def test_a_table_of_four_columns_is_whole_on_a_phone(seen: Seen) -> None:
    narrow = [each for each in seen[PHONE] if columns(each[0]) <= FOUR_COLUMNS]
    assert [one.name for one, looked in narrow if looked.scrolls] == []


async def test_what_matters_most_stands_in_the_first_line(seen: Seen) -> None:
    """A card begins with its header; a note with a sentence, which is also what is read aloud."""
    for one, looked in seen[PHONE]:
        assert looked.first_line, one.name
        if one.kind == "message" and len(one.what["blocks"]) > FEW_BLOCKS:
            assert one.begins_with == "header", one.name
            assert looked.first_line == one.what["blocks"][0]["text"]["text"], one.name


async def test_who_decides_finds_the_buttons_on_the_first_screen_of_a_phone(seen: Seen) -> None:
    cards = [each for each in seen[PHONE] if "card-of-a-request" in each[0].name]
    assert any(looked.button_below for _, looked in cards)
    below = {one.name: looked.button_below for one, looked in cards}
    assert {name: pixels for name, pixels in below.items() if pixels > FIRST_SCREEN} == {}

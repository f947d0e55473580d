"""What is typed after a command that asks for something, read into a wish."""

from __future__ import annotations

from datetime import timedelta

from bot.actions.snapshot.wish import typed


def test_flags_are_flags_also_after_a_dash_between_words() -> None:
    wish = typed(["web-01", "before", "--", "not", "after", "--keep", "2d", "--", "it"])
    assert wish.reason == "before – not after – it"
    assert wish.keep == timedelta(days=2)

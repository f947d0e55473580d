"""The chart of the accuracy: a picture where the extra is installed, else one clear sentence."""

from __future__ import annotations

import sys
from decimal import Decimal
from pathlib import Path

import pytest

from advisor.bill.accuracy import Accuracy, Causes, Spread
from advisor.bill.months import Month
from advisor.cli.accuracy import accuracy_shown
from advisor.errors import UsageError
from advisor.present.accuracy_chart import (
    NOTHING_TO_DRAW,
    WITHOUT_THE_EXTRA,
    accuracy_chart,
    chart_words,
)
from tests.cli.test_cli_process import vmbackup

PNG = b"\x89PNG\r\n\x1a\n"


def spread(median: str) -> Spread:
    one = Decimal(median)
    return Spread(4, one, one * 2, -one)


def accuracy(currency: str, *medians: str) -> Accuracy:
    months = {Month(2026, place): spread(each) for place, each in enumerate(medians, 1)}
    causes = Causes(*(Decimal(0) for _ in range(4)))
    return Accuracy(currency, spread(medians[0]), months, {}, causes, None)


FOUND = (accuracy("EUR", "0.2"), accuracy("USD", "0.3", "0.04"))


def test_the_picture_has_a_panel_for_each_currency_and_names_its_lines() -> None:
    text = accuracy_chart(FOUND, "svg").decode()
    assert text.startswith("<svg")
    for word in ("EUR", "USD", "2026-01", "2026-02", "Median error", "Nine of ten within", "Bias"):
        assert f">{word}<" in text
    assert accuracy_chart(FOUND, "png").startswith(PNG)


def test_whoever_cannot_see_it_is_told_what_it_shows() -> None:
    assert chart_words(FOUND) == (
        "Median error by month in EUR: 2026-01 20.0%. "
        "Median error by month in USD: 2026-01 30.0% and 2026-02 4.0%."
    )


def test_where_nothing_was_held_against_a_bill_there_is_nothing_to_draw() -> None:
    unbilled = accuracy("USD", "0.1")._replace(by_month={Month(2026, 1): Spread(1, *(None,) * 3)})
    for nothing in ((), (unbilled,)):
        with pytest.raises(UsageError, match="nothing to draw"):
            accuracy_chart(nothing, "png")
    assert "no final month" in NOTHING_TO_DRAW


@pytest.mark.parametrize("package", ["altair", "vl_convert"])
def test_without_the_extra_one_sentence_says_what_to_install(
    package: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Before Azure is asked for anything."""
    monkeypatch.setitem(sys.modules, package, None)
    chart = tmp_path / "a.png"
    with pytest.raises(UsageError) as caught:
        accuracy_shown(None, (), (), as_json=False, chart=chart)
    assert str(caught.value) == WITHOUT_THE_EXTRA
    assert not chart.exists()


def test_a_chart_wants_the_accuracy_and_a_name_that_says_which_picture(tmp_path: Path) -> None:
    without = vmbackup("bill", "web-01", "--chart", "a.png", cwd=tmp_path)
    assert (without.returncode, b"add --accuracy" in without.stderr) == (2, True)
    named = vmbackup("bill", "--accuracy", "--chart", "a.pdf", cwd=tmp_path)
    assert (named.returncode, b"neither .png nor .svg" in named.stderr) == (2, True)

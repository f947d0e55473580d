"""The flags of an advice as values, the same for the terminal and for Slack."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import click
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from advisor.asked import AdviceAsked
from advisor.cli.parameters import CURRENCIES, NEED_OPTIONS, parse_asked, with_options
from advisor.errors import UsageError
from advisor.model import Consistency, Event, Retention
from advisor.regions import parse_target

HOURS = timedelta(hours=1)


@click.command()
@with_options(*NEED_OPTIONS)
def _every_flag(**_values: object) -> None:
    """Never run: its flags are read."""


FLAG_NAMES = sorted(
    name
    for param in _every_flag.params
    if isinstance(param, click.Option)
    for name in (*param.opts, *param.secondary_opts)
)


def test_a_name_alone_asks_for_nothing_else() -> None:
    assert parse_asked(["web-01"]) == AdviceAsked(vm="web-01")


@given(st.text())
@example("-web-01")
@example(" web-01 ")
@example("  ")
@example("--")
def test_a_word_alone_is_read_as_it_is_beside_a_flag_that_says_nothing_new(word: str) -> None:
    assert _read([word]) == _read([word, "--currency", "USD"])


def _read(words: list[str]) -> AdviceAsked | None:
    try:
        return parse_asked(words)
    except UsageError:
        return None


def test_every_flag_becomes_a_value_with_its_unit() -> None:
    words = (
        "rg/web-01 --rpo 4h --rto 15min --survive deletion --survive REGION --region-rpo 36h "
        "--region-rto 1d --keep daily=30,weekly=12 --isolated --consistency File-System "
        "--used 47GB --churn 2% --written 0.5TB --peak-write 12MB/s --to zone:2 --currency eur"
    )
    assert parse_asked(words.split()) == AdviceAsked(
        vm="rg/web-01",
        rpo=4 * HOURS,
        rto=timedelta(minutes=15),
        survive=(Event.DELETION, Event.REGION),
        region_rpo=36 * HOURS,
        region_rto=24 * HOURS,
        keep=Retention(daily=30, weekly=12),
        isolated=True,
        consistency=Consistency.FILE_SYSTEM,
        used_gib=Decimal(47),
        churn_share_per_day=Decimal("0.02"),
        written_gib_per_day=Decimal(512),
        peak_write_mb_per_s=Decimal(12),
        to="zone:2",
        currency="EUR",
    )


def test_churn_is_a_share_or_an_amount() -> None:
    share, amount = (parse_asked(["web-01", "--churn", said]) for said in ("2%", "10GB"))
    assert (share.churn_share_per_day, share.changed_gib_per_day) == (Decimal("0.02"), None)
    assert (amount.churn_share_per_day, amount.changed_gib_per_day) == (None, 10)


def test_not_isolated_is_something_else_than_nothing_said() -> None:
    assert parse_asked(["web-01", "--no-isolated"]).isolated is False
    assert parse_asked(["web-01"]).isolated is None


def test_the_same_event_twice_is_asked_for_once() -> None:
    asked = parse_asked(["web-01", "--survive", "zone", "--survive", "zone"])
    assert asked.survive == (Event.ZONE,)


@pytest.mark.parametrize(
    ("text", "name"),
    [("West Europe", "westeurope"), ("norwayEAST", "norwayeast"), (" zone:3 ", "zone:3")],
)
def test_a_target_is_read_as_people_write_it(text: str, name: str) -> None:
    assert parse_target(text) == name


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ([], "Missing argument 'VM'."),
        (["  "], "Name a VM, like web-01, rg/web-01 or its full id."),
        (["a", "b"], "Got unexpected extra argument (b)."),
        (["a", "--nope"], "No such option '--nope'."),
        (["a", "--rpo"], "Option '--rpo' requires an argument."),
        (
            ["a", "--rpo", "4 parsecs"],
            "Invalid value for '--rpo': “4 parsecs” is not a duration. "
            "Write it like 15min, 4h or 7d.",
        ),
        (
            ["a", "--to", "westeurop"],
            "Invalid value for '--to': “westeurop” is not an Azure region. Did you mean westeurope",
        ),
        (["a", "--to", "zone:4"], "Invalid value for '--to': “zone:4” is not a zone."),
        (["a", "--to", "atlantis"], "“atlantis” is not an Azure region. Write it like westeurope."),
        (["a", "--survive", "fire"], "'fire' is not one of 'deletion', 'zone', 'region'."),
        (
            ["a", "--survive", "zone", "--region-rpo", "1h"],
            "--region-rpo is about losing a region. Add --survive region, or leave it out.",
        ),
        (["a", "--currency", "XYZ"], "“XYZ” is not a currency of the price list. It has USD, AUD,"),
    ],
)
def test_what_cannot_be_read_is_one_sentence(words: list[str], sentence: str) -> None:
    with pytest.raises(UsageError) as refused:
        parse_asked(words)
    assert sentence in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("europewest", "westeurope"),
        ("west-europe", "westeurope"),
        ("uswest2", "westus2"),
        ("Sweden Centrl", "swedencentral"),
        ("eastus22", "eastus2"),
    ],
)
def test_a_region_in_another_order_of_words_is_what_was_meant(typed: str, first: str) -> None:
    with pytest.raises(UsageError, match=rf"Did you mean {first}( or|\?)"):
        parse_target(typed)


def test_a_long_text_is_not_repeated_as_a_region() -> None:
    with pytest.raises(UsageError) as refused:
        parse_target("x" * 5000)
    assert len(str(refused.value)) < 200


@pytest.mark.parametrize("flag", ["--help", "--inventory", "--json", "--settings", "--strict"])
def test_slack_has_no_flags_of_files_and_formats(flag: str) -> None:
    with pytest.raises(UsageError, match="No such option"):
        parse_asked(["web-01", flag, "x"])


word = st.one_of(
    st.sampled_from([*FLAG_NAMES, "--", "-", "=", "zone:2", "West Europe", "4h", "daily=7", "2%"]),
    st.text(max_size=12),
    st.builds("{}={}".format, st.sampled_from(FLAG_NAMES), st.text(max_size=8)),
)


@given(st.lists(word, max_size=8))
@example(["web-01", "--rpo", "9" * 5000 + "h"])
@example(["web-01", "--used", "٣GB"])
@example(["web-01", "--keep", "daily=²"])
@example(["web-01", "--peak-write", "9" * 400])
@example(["\x00", "--to", "\x1b[2J"])
def test_whatever_is_typed_is_read_or_refused_in_a_sentence(words: list[str]) -> None:
    answer = read_or_refused(words)
    if isinstance(answer, str):
        assert answer.strip()
    else:
        assert answer.vm.strip() == answer.vm != ""
        assert answer.currency in CURRENCIES


def read_or_refused(words: list[str]) -> AdviceAsked | str:
    try:
        return parse_asked(words)
    except UsageError as refused:
        return str(refused)

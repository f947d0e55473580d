"""The table of the options: each row is whole, and what the rows say of each other holds."""

from __future__ import annotations

from collections import Counter
from dataclasses import MISSING, Field, fields
from string import Formatter
from typing import Any

import pytest

from advisor.model import ProtectionKind
from advisor.options import BY_NAME, OPTIONS
from advisor.options.flags import Flag
from advisor.options.row import (
    DailyPoints,
    FoundInPlace,
    Option,
    RetentionBreakEven,
    TimeBreakEven,
)
from tests.strategies import a_case, a_vm

ROWS = (Option, FoundInPlace, DailyPoints, RetentionBreakEven, TimeBreakEven)
each_option = pytest.mark.parametrize("option", OPTIONS, ids=[option.name for option in OPTIONS])


ATTRIBUTES = [(row, attribute) for row in ROWS for attribute in fields(row)]


@pytest.mark.parametrize(
    ("row", "attribute"),
    ATTRIBUTES,
    ids=[f"{row.__name__}.{attribute.name}" for row, attribute in ATTRIBUTES],
)
def test_a_row_cannot_leave_an_attribute_out(row: type, attribute: Field[Any]) -> None:
    assert (attribute.default, attribute.default_factory) == (MISSING, MISSING)
    others = {each.name: None for each in fields(row) if each.name != attribute.name}
    with pytest.raises(TypeError, match=f"'{attribute.name}'"):
        row(**others)


def test_no_two_options_have_a_name_or_a_title_in_common() -> None:
    for names in ([option.name for option in OPTIONS], [option.title for option in OPTIONS]):
        assert [name for name, count in Counter(names).items() if count > 1] == []


@each_option
def test_every_flag_of_an_option_has_its_phrase(option: Option[Any]) -> None:
    assert option.phrases.keys() == {flag.key for flag in option.flags}


@each_option
def test_every_configuration_is_keyed_by_the_flags_of_its_option(option: Option[Any]) -> None:
    case = a_case(a_vm())
    keys = {flag.key for flag in option.flags}
    for proposal in option.propose(case, option.configurations(case)):
        assert proposal.option == option.name
        assert proposal.configuration.keys() <= keys


def test_a_flag_that_several_options_have_is_one_flag() -> None:
    by_key: dict[str, Flag] = {}
    for option in OPTIONS:
        for flag in option.flags:
            shared = flag.by_default("")  # what holds where it is not given is the option's own
            assert by_key.setdefault(flag.key, shared) == shared


def test_a_flag_of_the_same_name_with_another_help_is_another_flag() -> None:
    flag = OPTIONS[0].flags[0]
    assert flag._replace(help="Something else.") != flag


@each_option
def test_every_option_that_a_row_names_is_in_the_table(option: Option[Any]) -> None:
    named = {*option.makes_plans_with, *(each.against for each in option.break_evens)}
    assert named <= BY_NAME.keys() - {option.name}


@each_option
def test_options_compared_by_retention_both_have_daily_points(option: Option[Any]) -> None:
    for each in option.break_evens:
        if isinstance(each, RetentionBreakEven):
            assert option.daily_points
            assert BY_NAME[each.against].daily_points


@each_option
def test_the_sentences_of_break_evens_have_the_places_that_are_filled_in(
    option: Option[Any],
) -> None:
    for each in option.break_evens:
        if isinstance(each, RetentionBreakEven):
            assert [places(text) for text in (each.never, each.always, each.up_to)] == [
                set(),
                set(),
                {"days"},
            ]
        else:
            assert places(each.sentence) == {"price", "rto", "rpo"}


def places(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name}


def test_every_kind_of_protection_of_a_vm_that_is_found_belongs_to_one_option() -> None:
    """The backup of a database in it is none of the VM: it is told beside its plan."""
    kinds = [kind for option in OPTIONS if option.found for kind in option.found.kinds]
    assert sorted([*kinds, ProtectionKind.DATABASE_BACKUP]) == sorted(ProtectionKind)

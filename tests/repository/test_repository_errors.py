"""The tree of errors drawn in advisor/errors.py is the tree that the code has."""

from __future__ import annotations

import inspect
import re

from advisor import errors
from advisor.errors import VmbackupError


def drawn() -> dict[str, tuple[int, int | None]]:
    """Class name -> (how deep it is drawn, the exit code drawn beside it)."""
    rows = {}
    for line in (errors.__doc__ or "").splitlines():
        match = re.match(r"^    ((?:[|' -]{3})*)(\w+)\s+(?:exit (\d))?", line)
        if match:
            rows[match[2]] = (len(match[1]) // 3, int(match[3]) if match[3] else None)
    return rows


def classes() -> dict[str, type[VmbackupError]]:
    return {
        name: value
        for name, value in vars(errors).items()
        if inspect.isclass(value) and issubclass(value, VmbackupError)
    }


def test_every_error_is_drawn_in_the_tree_and_nothing_else_is() -> None:
    assert set(drawn()) == set(classes())


def test_every_error_hangs_where_it_is_drawn() -> None:
    for name, (depth, _) in drawn().items():
        above = [each for each in classes()[name].__mro__[1:] if issubclass(each, VmbackupError)]
        assert len(above) == depth, name


def test_the_exit_code_drawn_is_the_exit_code_taken() -> None:
    for name, (_, code) in drawn().items():
        if code is not None:
            assert classes()[name].exit_code == code, name


def test_every_error_says_when_it_is_raised() -> None:
    assert [name for name, each in classes().items() if not each.__doc__] == []


def test_every_family_of_errors_has_its_own_exit_code() -> None:
    codes = {each.exit_code for name, each in classes().items() if name != "VmbackupError"}
    assert codes == {2, 3, 4, 5, 6, 7}

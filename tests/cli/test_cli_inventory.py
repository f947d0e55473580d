"""`vmbackup inventory query` prints the very queries that the live reading asks."""

from __future__ import annotations

import re

import pytest
from click.testing import CliRunner

from advisor.cli.inventory import query
from advisor.errors import UsageError
from advisor.inventory.resource_graph import queries, wanted_vm


def printed(*arguments: str) -> str:
    result = CliRunner().invoke(query, arguments, catch_exceptions=False)
    assert result.exit_code == 0
    return result.output


@pytest.mark.parametrize("arguments", [(), ("web-01",), ("shop/web-01",)])
def test_the_printed_commands_hold_the_queries_of_the_live_reading(
    arguments: tuple[str, ...],
) -> None:
    commands = re.findall(r'^az graph query -q "(.*)" --first 1000', printed(*arguments), re.M)
    asked = queries(wanted_vm(arguments[0]) if arguments else None)
    assert [one.split() for one in commands] == [one.text.split() for one in asked]


def test_everything_that_is_printed_is_a_command_or_a_comment() -> None:
    lines = [line for line in printed().splitlines() if line]
    assert all(line.startswith(("# ", "az graph query -q ")) for line in lines)


def test_paging_and_what_to_do_with_the_files_are_told() -> None:
    text = printed()
    assert "--skip-token" in text
    assert "vmbackup advise VM --inventory vms-and-disks.json --inventory protection.json" in text


def test_files_about_one_vm_are_marked_as_such() -> None:
    assert "of this VM alone" in printed("web-01")
    assert "of this VM alone" not in printed()


def test_a_name_that_is_none_prints_no_command() -> None:
    with pytest.raises(UsageError):
        CliRunner().invoke(query, ['x" ; rm -rf /'], catch_exceptions=False, standalone_mode=False)

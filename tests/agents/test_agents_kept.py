"""What is not named is cut, and no text of strangers reaches an agent unmarked or unbounded."""

from __future__ import annotations

import json
from typing import Any
from unicodedata import category

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.ledger_file import LEDGER_VARIABLE
from bot.agents.arguments import line_of, schema_of
from bot.agents.documents import ROWS_HELD, FleetLines
from bot.agents.kept import NAME_LIMIT, SENTENCE_LIMIT, UNTRUSTED, Each, Text, kept
from bot.agents.running import command_environment
from bot.agents.tools import BY_NAME, TOOLS

#: Control characters, formats such as those that turn the direction of text, and line ends.
UNSEEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}
TEXTS = st.text(max_size=2 * SENTENCE_LIMIT)


@given(TEXTS, st.lists(TEXTS, max_size=30), st.dictionaries(TEXTS, TEXTS, max_size=30))
def test_a_strangers_text_is_marked_bounded_and_on_one_line(
    text: str, several: list[str], tags: dict[str, str]
) -> None:
    document = {"name": text, "reasons": several, "tags": tags, "secret": text}
    keep = {"name": Text.THEIRS, "reasons": Text.SENTENCE, "tags": Text.THEIRS}
    answer = kept(document, keep)
    assert "secret" not in answer
    limits = ([answer["name"]], NAME_LIMIT), (answer["reasons"], SENTENCE_LIMIT)
    for marked, limit in (*limits, (answer["tags"], NAME_LIMIT)):
        assert len(marked) <= 20
        for each in marked:
            assert each.keys() == {UNTRUSTED}
            assert len(each[UNTRUSTED]) <= limit
            assert not any(category(letter) in UNSEEN for letter in each[UNTRUSTED])
    if len(several) > 20:
        assert answer["reasons_left_out"] == len(several) - 20
    assert json.loads(json.dumps(answer)) == answer


def test_what_is_left_out_of_a_list_is_counted() -> None:
    answer = kept({"rows": list(range(7))}, {"rows": Each(Text.OURS, most=5)})
    assert answer == {"rows": [0, 1, 2, 3, 4], "rows_left_out": 2}


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.name)
def test_no_argument_of_a_tool_writes_or_widens(tool: Any) -> None:
    """Neither a file nor another place to read; those are chosen where the server is started."""
    named = schema_of(tool)["properties"].keys()
    assert not named & {"html", "csv", "settings", "inventory", "subscription", "resume", "offline"}


def test_no_value_is_taken_for_a_flag() -> None:
    words = line_of(BY_NAME["advise"], {"vm": "--html=/tmp/x", "rpo": "--details"}, {})
    assert words == ["advise", "--json", "--rpo=--details", "--", "--html=/tmp/x"]


def test_what_a_command_reads_is_bounded_by_the_flags_of_the_server() -> None:
    given = {"subscription": ["a", "b"], "settings": ["own.toml"], "offline": []}
    words = line_of(BY_NAME["fleet"], {"currency": "EUR"}, given)
    sources = ["--subscription=a", "--subscription=b", "--settings=own.toml", "--offline"]
    assert words == ["fleet", *sources, "--json", "--currency=EUR"]
    assert line_of(BY_NAME["bill"], {}, given) == ["bill", *sources[:2], "--json"]


def test_what_an_agent_tries_out_is_kept_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(LEDGER_VARIABLE, "1")
    assert command_environment()[LEDGER_VARIABLE] == "0"


@given(st.lists(st.sampled_from(["unprotected", "partly protected", "protected", "fine"])))
def test_of_a_fleet_only_the_worst_are_held_and_all_are_counted(states: list[str]) -> None:
    rows = [
        {"id": str(number), "state": state, "findings": [] if state == "fine" else ["x"]}
        for number, state in enumerate(states)
    ]
    written = '{"version": 1, "vms": [' + ",".join(f"\n{json.dumps(row)}" for row in rows)
    lines = (written + '\n], "currency": "USD",\n  "sums": {}\n}\n').splitlines(keepends=True)
    document = FleetLines().document(lines)
    order = ["unprotected", "partly protected", "protected"]
    wanted = sorted(
        (row for row in rows if row["findings"]), key=lambda row: order.index(row["state"])
    )
    assert document["vms"] == wanted[:ROWS_HELD]
    assert (document["vms_all"], document["currency"]) == (len(rows), "USD")

"""Laws of reading files: nothing half-read is advised on, and order changes nothing."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from inventory_samples import (
    NOW,
    bundle,
    disks_of,
    fleet,
    graph,
    graph_page,
    item,
    policy,
    replicated,
    snapshot,
    vault,
    vm,
)

from advisor.errors import InputUnreadable, VmbackupError
from advisor.inventory.exports import parse_exports
from advisor.inventory.files import NamedText

PARTS: list[Any] = [
    [vm(), vm("db-01")],
    disks_of(),
    disks_of("db-01"),
    [snapshot("s", disks_of()[0]["id"], NOW)],
    [vault(), vault("v2")],
    [policy()],
    [item(vm())],
    graph_page([graph(replicated(vm("db-01")))]),
    [vm(powerState="VM running")],
    [],
]
WHOLE = [
    json.dumps([vm(), *disks_of()], indent=1),
    json.dumps(vm()),
    json.dumps({"value": [item(vm())]}) + "\n\n",
    json.dumps(graph_page([graph(vm())])),
    json.dumps(bundle([vm()], "disks")),
]


@settings(max_examples=300, deadline=None)
@given(data=st.data(), whole=st.sampled_from(WHOLE))
def test_a_text_cut_short_anywhere_never_yields_a_fleet(data: st.DataObject, whole: str) -> None:
    """Except where only white space was cut off: then the text is still whole."""
    kept = data.draw(st.integers(0, len(whole) - 1))
    if not whole[kept:].strip():
        assert parse_exports([NamedText("f", whole[:kept])], NOW) is not None
        return
    with pytest.raises(InputUnreadable) as caught:
        parse_exports([NamedText("f", whole[:kept])], NOW)
    assert caught.value.source == "f"


@settings(max_examples=60, deadline=None)
@given(order=st.permutations(range(len(PARTS))))
def test_the_order_of_files_changes_nothing(order: list[int]) -> None:
    """Names of files are kept, so that what is said of each stays the same."""
    texts = [NamedText(f"{number}.json", json.dumps(part)) for number, part in enumerate(PARTS)]
    expected = parse_exports(texts, NOW)
    assert parse_exports([texts[number] for number in order], NOW) == expected


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_the_order_of_rows_changes_nothing_but_which_comes_first(seed: int) -> None:
    rows = [one for part in PARTS if isinstance(part, list) for one in part]
    shuffled = rows[:]
    random.Random(seed).shuffle(shuffled)
    assert fleet(shuffled) == fleet(rows)


_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**6), 10**6)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=12),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)


def _places(body: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner: list[tuple[Any, ...]] = [path] if path else []
    pairs = (
        body.items()
        if isinstance(body, dict)
        else enumerate(body)
        if isinstance(body, list)
        else ()
    )
    for key, value in pairs:
        inner += _places(value, (*path, key))
    return inner


@settings(max_examples=400, deadline=None)
@given(data=st.data())
def test_any_value_in_any_place_is_read_or_refused_and_never_a_crash(data: st.DataObject) -> None:
    """One value of a good inventory is replaced by another: the only error is ours."""
    rows = [
        vm(),
        *disks_of(),
        vault(),
        policy(),
        item(vm()),
        replicated(vm()),
        snapshot("s", disks_of()[0]["id"], NOW),
    ]
    body = json.loads(
        json.dumps(
            data.draw(
                st.sampled_from([rows, graph_page([graph(r) for r in rows]), bundle(rows, "disks")])
            )
        )
    )
    path = data.draw(st.sampled_from(_places(body)))
    target = body
    for key in path[:-1]:
        target = target[key]
    target[path[-1]] = data.draw(_JSON)
    read, refusal = None, ""
    try:
        read = fleet(body)
    except VmbackupError as error:
        refusal = str(error)
    assert all(one.vm.id for one in read.vms) if read else "1.json" in refusal

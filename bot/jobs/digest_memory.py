"""What a digest remembers, as JSON holds it."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, NamedTuple

from advisor.fleet.changes import Basis
from advisor.fleet.price_moves import SeenPrice
from advisor.fleet.seen import SeenVm
from advisor.needs import Tiers

if TYPE_CHECKING:
    from pydantic import TypeAdapter

_log = logging.getLogger(__name__)


class Recalled(NamedTuple):
    """What could be read of it. `unreadable`: keys of VMs that another version remembered."""

    vms: Mapping[str, SeenVm]
    unreadable: frozenset[str]


def vm_as_stored(seen: SeenVm) -> dict[str, Any]:
    """By name and not by place, so that a version with other fields is noticed."""
    stored = _of_vm().dump_python(seen, mode="json")
    return dict(zip(SeenVm._fields, stored, strict=True))


def recalled(stored: Mapping[str, Mapping[str, Any]]) -> Recalled:
    """The VMs by their keys. What another version wrote is compared from the next digest on."""
    from pydantic import ValidationError

    vms: dict[str, SeenVm] = {}
    unreadable = set[str]()
    for key, seen in stored.items():
        try:
            vms[key] = _of_vm().validate_python(dict(seen))
        except ValidationError:
            unreadable.add(key)
    if unreadable:
        _log.warning("%d VMs are remembered by another version of this bot.", len(unreadable))
    return Recalled(vms, frozenset(unreadable))


def prices_as_stored(prices: Iterable[SeenPrice]) -> list[Any]:
    """One list entry for each meter."""
    stored: list[Any] = _of_prices().dump_python(tuple(prices), mode="json")
    return list(stored)


def recalled_prices(stored: Sequence[Any]) -> tuple[SeenPrice, ...]:
    """Empty where another version wrote them: prices are compared from the next digest on."""
    from pydantic import ValidationError

    try:
        return _of_prices().validate_python(stored)
    except ValidationError:
        _log.warning("The prices are remembered by another version of this bot.")
        return ()


def basis_now(tiers: Tiers) -> Basis:
    """By what the fleet is judged now."""
    digest = hashlib.sha256(repr(tiers).encode()).hexdigest()
    return Basis(version("vmbackup"), digest)


def recalled_basis(stored: Mapping[str, Any]) -> Basis:
    """By what it was judged then; empty where that is not known."""
    return Basis(str(stored.get("version", "")), str(stored.get("tiers", "")))


@cache
def _of_vm() -> TypeAdapter[SeenVm]:
    from pydantic import TypeAdapter

    return TypeAdapter(SeenVm)


@cache
def _of_prices() -> TypeAdapter[tuple[SeenPrice, ...]]:
    from pydantic import TypeAdapter

    return TypeAdapter(tuple[SeenPrice, ...])

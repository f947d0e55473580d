"""The cheapest of several plans where prices are missing, and up to which price that holds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from functools import partial
from typing import NamedTuple

from advisor.recommend.candidates import Candidate
from advisor.recommend.compare import best, plainness, preference, tie_limit, undominated
from advisor.recommend.missing_prices import Lacking, PriceBounds, Proof, proof
from advisor.words import counted, money, quantity


class Settled(NamedTuple):
    """The cheapest plan as far as can be proven; else those among which it is."""

    winner: Candidate | None
    said: Callable[[], str] = str  #: says `sentence`, which few read of many VMs
    open: tuple[Candidate, ...] = ()

    @property
    def sentence(self) -> str:
        """Where prices are missing: up to which price the answer holds; else empty."""
        return self.said()


def settle(candidates: Sequence[Candidate], bounds: PriceBounds) -> Settled:
    """The cheapest of candidates that meet the need equally well; some may lack prices.

    Of those that are proven to cost no more than a tie above every rival the better one is taken,
    as `best` takes it where every price is known.
    """
    if not any(each.cost.missing for each in candidates):
        return Settled(best(candidates))
    if len(candidates) == 1:
        return Settled(candidates[0])
    families = _families(candidates, bounds)
    tied = [each for family in families for each in family.tied]
    for each in sorted(tied, key=preference) if len(tied) > 1 else tied:
        proofs = _proofs(each, families, bounds)
        if proofs is not None:
            return Settled(each, partial(_threshold, each, proofs, bounds))
    firsts = [family.first for family in families]
    return Settled(None, open=tuple(sorted(firsts, key=lambda one: bounds.estimate(one.cost))))


class _Family(NamedTuple):
    """The candidates of one set of options."""

    options: tuple[str, ...]
    tied: Sequence[Candidate]  #: the cheapest by the estimate, and what costs the same
    first: Candidate  #: of these the better one
    cheapest: Sequence[Candidate]  #: by the estimate, and at the cheapest prices known; what
    #: lacks a price that is known nowhere bounds nothing, and is none where another is
    complete: Candidate | None  #: the cheapest that has all its prices

    def rivals_of(self, each: Candidate) -> Iterator[Candidate]:
        """What it must cost no more than. Of its own options the estimate decides; only what has
        all its prices is not given up for what may turn out dearer."""
        if each.options != self.options:
            yield from self.cheapest
        elif each.cost.missing and self.complete is not None:
            yield self.complete


_Estimated = Sequence[tuple[bool, Decimal, Candidate]]
"""Whether a meter is known nowhere, the estimate, and the candidate."""


def _families(candidates: Sequence[Candidate], bounds: PriceBounds) -> list[_Family]:
    of_options: dict[tuple[str, ...], list[tuple[bool, Decimal, Candidate]]] = {}
    for each in candidates:
        of_options.setdefault(each.options, []).append((*bounds.estimate(each.cost), each))
    return [_family(options, group, bounds) for options, group in of_options.items()]


def _family(options: tuple[str, ...], group: _Estimated, bounds: PriceBounds) -> _Family:
    nowhere, tied = _tied(group)
    priced = [one for one in group if not one[2].cost.missing]
    complete = min(priced, key=lambda one: one[1])[2] if priced else None
    if complete is not None:
        proven = [
            each for each in tied if not each.cost.missing or proof(each, complete, bounds).holds
        ]
        tied = proven or _tied(priced)[1]
    tied = undominated(tied)
    # With nothing known the amounts say nothing, and only what is plain can be told apart.
    first = tied[0]
    if len(tied) > 1:
        first = min(tied, key=plainness if nowhere else preference)
    return _Family(
        options,
        [first] if nowhere else tied,
        first,
        (min(group, key=lambda one: one[:2])[2], _at_best(group, nowhere, bounds)),
        complete,
    )


def _tied(group: _Estimated) -> tuple[bool, Sequence[Candidate]]:
    """Whether each lacks a price known nowhere; and the cheapest, with what costs the same."""
    nowhere = min(one for one, _, _ in group)
    same = [(amount, each) for one, amount, each in group if one == nowhere]
    limit = tie_limit(min(amount for amount, _ in same))
    return nowhere, [each for amount, each in same if amount <= limit]


def _at_best(group: _Estimated, nowhere: bool, bounds: PriceBounds) -> Candidate:
    """The one that would be the cheapest if all that is missing cost the least known."""
    same = [each for one, _, each in group if one == nowhere]
    return min(same, key=lambda each: bounds.at_the_cheapest(each.cost))


def _proofs(
    each: Candidate, families: Sequence[_Family], bounds: PriceBounds
) -> Sequence[Proof] | None:
    """That it costs no more than a tie above every rival; None where that does not hold."""
    proofs = []
    for family in families:
        for rival in family.rivals_of(each):
            beside = proof(each, rival, bounds)
            if not beside.holds:
                return None
            proofs.append(beside)
    return proofs


# --- up to which price -----------------------------------------------------------------------

_CHEAPEST = "It is the cheapest"
_AS_CHEAP = "It costs about what the cheapest costs"  #: within a tie


def _threshold(each: Candidate, proofs: Sequence[Proof], bounds: PriceBounds) -> str:
    """A sentence: the price, or the factor on several, from which on another would be cheaper."""
    first = all(beside.is_cheaper for beside in proofs)
    start = f"{_CHEAPEST if first else _AS_CHEAP} unless"
    lacking = [beside for beside in proofs if beside.own]
    if not lacking:
        return _from_below(start, each, proofs, bounds)
    return min((_above(start, beside) for beside in lacking), key=lambda one: one[0])[1]


def _above(start: str, beside: Proof) -> tuple[Decimal, str]:
    """The factor on the dearest known at which the rival is as cheap, and the sentence."""
    room, dearest = beside.room + beside.slack, beside.dearest
    factor = room / dearest if dearest else Decimal(0)
    if len(beside.own) > 1:
        several = counted(len(beside.own), "missing price")
        return factor, (
            f"{start} the {several} come to more than"
            f" {quantity(factor)} times the dearest known in any region."
        )
    [one] = beside.own
    at_most = f" (dearest known: {_price(one.price.dearest)})" if one.price else ""
    return factor, (
        f"{start} the price of {_named(one)} is above"
        f" {_price(room / one.much)} {_per(one.unit)}{at_most}."
    )


def _from_below(start: str, each: Candidate, proofs: Sequence[Proof], bounds: PriceBounds) -> str:
    """The plan has every price that counts: from which price on a rival would be cheaper."""
    for beside in sorted(proofs, key=lambda one: bounds.estimate(one.rival.cost)):
        room = each.cost.likely - beside.rival.cost.likely - beside.slack
        if len(beside.others) == 1 and room > 0:
            [one] = beside.others
            if one.price is not None and one.much:
                return (
                    f"{start} the price of {_named(one)} is below"
                    f" {_price(room / one.much)} {_per(one.unit)}"
                    f" (cheapest known: {_price(one.price.cheapest)})."
                )
    return ""


def _named(one: Lacking) -> str:
    name = one.name
    return name[:1].lower() + name[1:] if name[1:2].islower() else name


def _price(amount: Decimal) -> str:
    """An amount per unit, in USD: to a cent from 1 USD on, else to three figures."""
    return money(amount, "USD") if amount >= 1 else f"{quantity(amount)} USD"


def _per(unit: str) -> str:
    """`1 GB/Month` as people say it: `a GB`."""
    thing = unit.removeprefix("1 ").removeprefix("1/").split("/")[0].strip()
    return f"a {thing}" if thing else "each"

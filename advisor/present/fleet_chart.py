"""A fleet as a picture: how the VMs of each tier are protected, as one bar for each tier.

It needs two packages that vmbackup does not bring: altair draws, vl-convert makes it a PNG.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from typing import Any

from advisor.model import StateNow
from advisor.words import clean, counted, listed

#: The worst first. Colours that stay apart where red and green do not (Okabe and Ito, 2008).
_COLOURS = {
    StateNow.UNPROTECTED: "#d55e00",
    StateNow.BROKEN: "#cc79a7",
    StateNow.PARTLY: "#e69f00",
    StateNow.UNKNOWN: "#999999",
    StateNow.SETTING_UP: "#56b4e9",
    StateNow.PROTECTED: "#009e73",
}
MOST_TIERS = 12  #: bars; the tiers with the fewest VMs are left out, as the other text says
_WIDTH, _STEP, _SCALE = 560, 34, 2.0
#: A part that is narrower has no room for its number: the alternative text has it.
_ROOM_SHARE = 0.03

ByTier = Mapping[str, Mapping[StateNow, int]]


def fleet_chart(by_tier: ByTier) -> bytes | None:
    """The picture as PNG; None where the packages that draw it are not installed."""
    try:
        altair, vl_convert = import_module("altair"), import_module("vl_convert")
    except ImportError:
        return None
    drawn: dict[str, Any] = _drawn(altair, _shown(by_tier)).to_dict()
    return bytes(vl_convert.vegalite_to_png(drawn, scale=_SCALE))


def chart_words(by_tier: ByTier) -> str:
    """What the picture shows, for whoever cannot see it."""
    shown = _shown(by_tier)
    said = [f"{_named(tier)}: {_states(states)}." for tier, states in shown]
    more = len(by_tier) - len(shown)
    said += [f"{counted(more, 'more tier')} with fewer VMs."] if more else []
    return " ".join(("VMs by tier and state.", *said))


def _states(states: Mapping[StateNow, int]) -> str:
    return listed(f"{states[each]:,} {each.value}" for each in _COLOURS if states.get(each))


def _shown(by_tier: ByTier) -> list[tuple[str, Mapping[StateNow, int]]]:
    """The tiers with the most VMs first."""
    ordered = sorted(by_tier.items(), key=lambda each: (-sum(each[1].values()), each[0]))
    return ordered[:MOST_TIERS]


def _named(tier: str) -> str:
    return clean(tier) or "what was asked"


def _rows(shown: Sequence[tuple[str, Mapping[StateNow, int]]]) -> Iterator[dict[str, Any]]:
    """Each part of each bar, with where its number stands."""
    longest = max(sum(states.values()) for _, states in shown)
    for tier, states in shown:
        before = 0
        for order, state in enumerate(_COLOURS):
            if count := states.get(state, 0):
                is_wide = count / longest >= _ROOM_SHARE
                yield {
                    "tier": _named(tier),
                    "state": state.value,
                    "vms": count,
                    "order": order,
                    "middle": before + count / 2,
                    "label": f"{count:,}" if is_wide else "",
                }
                before += count


def _drawn(altair: Any, shown: Sequence[tuple[str, Mapping[StateNow, int]]]) -> Any:
    """Parts are told apart by colour, by their order and by their number."""
    names = [state.value for state in _COLOURS]
    colours = altair.Scale(domain=names, range=list(_COLOURS.values()))
    legend = altair.Legend(title=None, orient="bottom", columns=3, labelLimit=0)
    rows = [_named(tier) for tier, _ in shown]
    base = altair.Chart(altair.Data(values=list(_rows(shown)))).encode(
        y=altair.Y("tier:N", sort=rows, title=None, axis=altair.Axis(labelLimit=160))
    )
    bars = base.mark_bar(stroke="white", strokeWidth=1).encode(
        x=altair.X("vms:Q", stack="zero", title="VMs", axis=altair.Axis(tickMinStep=1)),
        color=altair.Color("state:N", scale=colours, legend=legend),
        order=altair.Order("order:O"),
    )
    numbers = base.mark_text(fontWeight="bold").encode(x="middle:Q", text="label:N")
    return (
        (bars + numbers)
        .properties(
            width=_WIDTH,
            height=altair.Step(_STEP),
            background="white",  # its letters are black, whatever the reader's theme
            title=altair.TitleParams("How the VMs of each tier are protected", anchor="start"),
        )
        .configure_view(stroke=None)
    )

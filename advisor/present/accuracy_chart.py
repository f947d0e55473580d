"""How far the estimates were off as a picture: months side by side, one panel for each currency.

It needs two packages that vmbackup does not bring: altair draws, vl-convert makes it a PNG or SVG.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Literal

from advisor.bill.accuracy import Accuracy
from advisor.errors import UsageError
from advisor.words import listed

ChartForm = Literal["png", "svg"]
FORMS: tuple[ChartForm, ...] = ("png", "svg")
WITHOUT_THE_EXTRA = (
    "A chart needs altair and vl-convert, which are not installed here. Install vmbackup with them "
    "(uv tool install '.[chart]'), or leave the chart out."
)
NOTHING_TO_DRAW = (
    "There is nothing to draw yet: no final month was held against an estimate given before."
)
_SERIES = ("Median error", "Nine of ten within", "Bias")
_WIDTH, _HEIGHT, _SCALE = 560, 220, 2.0


def accuracy_chart(found: Sequence[Accuracy], form: ChartForm) -> bytes:
    """The picture. Raises UsageError where the extra is missing, or nothing is there to draw."""
    rows = list(_rows(found))
    if not rows:
        raise UsageError(NOTHING_TO_DRAW)
    altair, vl_convert = chart_tools()
    drawn: Mapping[str, Any] = _drawn(altair, rows).to_dict()
    if form == "svg":
        return str(vl_convert.vegalite_to_svg(dict(drawn))).encode()
    return bytes(vl_convert.vegalite_to_png(dict(drawn), scale=_SCALE))


def chart_tools() -> tuple[Any, Any]:
    """The two packages of the extra, imported. Raises UsageError where they are not installed."""
    try:
        import altair
        import vl_convert
    except ImportError as error:
        raise UsageError(WITHOUT_THE_EXTRA) from error
    return altair, vl_convert


def chart_words(found: Sequence[Accuracy]) -> str:
    """What the picture shows, for whoever cannot see it."""
    return " ".join(_spoken(one) for one in found)


def _spoken(one: Accuracy) -> str:
    months = [
        f"{month} {spread.median:.1%}"
        for month, spread in one.by_month.items()
        if spread.median is not None
    ]
    return f"Median error by month in {one.currency}: {listed(months)}."


def _rows(found: Sequence[Accuracy]) -> Iterator[dict[str, str | float]]:
    for one in found:
        for month, spread in one.by_month.items():
            values = (spread.median, spread.ninetieth, spread.bias)
            for name, value in zip(_SERIES, values, strict=True):
                if value is not None:
                    yield _row(one.currency, str(month), name, value)


def _row(currency: str, month: str, name: str, value: Decimal) -> dict[str, str | float]:
    share = float(value)  # a place in a picture, not an amount
    return {"currency": currency, "month": month, "what": name, "share": share}


def _drawn(altair: Any, rows: list[dict[str, str | float]]) -> Any:
    """Lines told apart by colour, dash and the shape of their points: never by colour alone."""
    order = altair.Scale(domain=list(_SERIES))
    title = altair.Legend(title=None, orient="bottom", labelLimit=0)
    base = altair.Chart(altair.Data(values=rows)).encode(
        x=altair.X("month:O", title="Month of UTC", axis=altair.Axis(labelAngle=0)),
        y=altair.Y("share:Q", title="Share of what was billed", axis=altair.Axis(format="%")),
        color=altair.Color("what:N", legend=title, scale=_colours(altair)),
        strokeDash=altair.StrokeDash("what:N", legend=None, scale=order),
        shape=altair.Shape("what:N", legend=title, scale=order),
    )
    layers = base.mark_line(strokeWidth=2) + base.mark_point(filled=True, size=60)
    return (
        layers.properties(width=_WIDTH, height=_HEIGHT)
        .facet(row=altair.Row("currency:N", title=None, header=altair.Header(labelFontSize=13)))
        .properties(
            title=altair.TitleParams(
                "How far the estimates were off",
                subtitle="Estimated less billed, as a share of what was billed. Bias above zero: "
                "more was estimated.",
                anchor="start",
            )
        )
        .configure_view(stroke=None)
    )


def _colours(altair: Any) -> Any:
    return altair.Scale(domain=list(_SERIES), range=["#1f5fa8", "#b35900", "#5a5a5a"])

"""A bill as CSV (RFC 4180): one row for each line, and for each thing beside usage."""

from __future__ import annotations

import csv
from io import StringIO

from advisor.bill.bill import FleetBill, VmBill
from advisor.quantities import plain
from advisor.words import clean

HEAD = (
    "month", "final", "vm", "protection", "kind", "meter", "billed_on", "how", "quantity",
    "amount", "currency",
)  # fmt: skip
#: What a spreadsheet would take for a formula (OWASP, CSV injection).
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def bill_csv(bill: VmBill | FleetBill) -> str:
    """Every line, those that are not attributed with an empty VM; then what is no usage."""
    written = StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(HEAD)
    month, final = str(bill.month), "yes" if bill.is_final else "no"
    lines = bill.lines if isinstance(bill, FleetBill) else (*bill.lines, *bill.nobody)
    for line in lines:
        kinds = (line.part.value, line.kind.value)
        texts = (line.vm, *kinds, line.meter, line.resource_id, line.how.value)
        numbers = ("" if line.quantity is None else plain(line.quantity), plain(line.amount))
        writer.writerow((month, final, *map(_text, texts), *numbers, _text(line.currency)))
    for one in bill.apart:
        beside = ("", "", one.kind, one.category, "", "no usage")
        writer.writerow((month, final, *map(_text, beside), "", plain(one.amount), one.currency))
    return written.getvalue()


def _text(value: str) -> str:
    """A stranger's text that no spreadsheet takes for a formula."""
    shown = clean(str(value))
    return f"'{shown}" if shown.startswith(_FORMULA) else shown

"""The JSON of bills and of their accuracy is what its schemas document, nothing more or less."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from advisor.bill.accuracy import accuracies
from advisor.bill.ledger import LedgerEntry
from advisor.bill.months import month_of
from advisor.cli.bill import shown
from advisor.present.accuracy_document import accuracy_to_dict
from advisor.present.schema import schema
from tests.bill.billing_at_azure import billing, newest_final
from tests.standin.azure.fleet_azure import running_fleet

BILL, ACCURACY = (
    Draft202012Validator(schema(name), format_checker=FormatChecker())  # type: ignore[arg-type]
    for name in ("bill", "accuracy")
)


@pytest.mark.parametrize("validator", [BILL, ACCURACY])
def test_the_schemas_are_schemas_and_allow_nothing_else(validator: Any) -> None:
    Draft202012Validator.check_schema(validator.schema)
    text = json.dumps(validator.schema)
    assert text.count('"required"') == text.count('"additionalProperties": false')


async def test_the_bill_of_a_vm_and_of_all_and_the_accuracy_follow_them(tmp_path: Path) -> None:
    month = newest_final()
    async with running_fleet() as azure:
        async with billing(azure, tmp_path) as bills:
            named = [await bills.of_vm(name, month) for name in ("db-01", "sql-01", "test-01")]
            running = await bills.of_vm("db-01", month_of(datetime.now(UTC).date()))
            everything = await bills.of_all(month)
        assert named[0].estimate is not None
        given = datetime(month.year, month.month, 2, tzinfo=UTC)
        said = LedgerEntry(named[0].vm, given, "USD", "", {}, named[0].estimate.lines, ())
        async with billing(azure, tmp_path, ledger=[said]) as bills:
            judged = (await bills.judged([month])).judged
    for bill in (*named, running, everything):
        document = json.loads(shown(bill, "json"))
        BILL.validate(document)
        assert document["version"] == 1
    assert named[0].learned is not None
    found = accuracies(judged)
    ACCURACY.validate(accuracy_to_dict(found, (month,)))
    ACCURACY.validate(accuracy_to_dict((), ()))
    nothing = found[0]._replace(all=found[0].all._replace(median=None), worst=None)
    ACCURACY.validate(accuracy_to_dict([nothing], (month,)))


def test_an_amount_that_is_no_decimal_string_is_none() -> None:
    document = accuracy_to_dict((), ())
    assert not ACCURACY.is_valid({**document, "more": 1})
    assert not ACCURACY.is_valid({**document, "months": ["october"]})

"""What a bill adds up, whose a charge is, and what is no bill at all."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

BILL, TESTS = "advisor/bill/", "tests/bill/test_bill_"
SHARES, COMPARE, READING = f"{TESTS}shares.py", f"{TESTS}compare.py", f"{TESTS}reading.py"
MONTHS = f"{TESTS}months.py"
COSTS, PRICES = "advisor/azure/costs.py", "advisor/prices/"
LEDGER = f"{TESTS}ledger.py"
SHEET = "tests/prices/test_prices_sheet.py"

ROWS = (
    Mutant(
        name="the cents left over by rounding belong to nobody",
        file=f"{BILL}shares.py",
        old="    for number in range(abs(rest)):",
        new="    for number in range(abs(rest) - 1):",
        tests=(SHARES,),
    ),
    Mutant(
        name="what is no VM gives its part of a vault's storage to the VMs",
        file=f"{BILL}divide.py",
        old='    return {**by_vm, "": mean * len(unknown)}',
        new='    return {**by_vm, "": mean * 0}',
        tests=(SHARES,),
    ),
    Mutant(
        name="what app-10 costs is billed to app-1",
        file=f"{BILL}owners.py",
        old='f"{resource_id}/".startswith(f"{one.key}/")',
        new="resource_id.startswith(one.key)",
        tests=(SHARES,),
    ),
    Mutant(
        name="a discount is learned as a difference of quantity",
        file=f"{BILL}compare.py",
        old="    return base._replace(quantity=of_quantity, price=error - of_quantity)",
        new="    return base._replace(quantity=error)",
        tests=(COMPARE,),
    ),
    Mutant(
        name="a month has a verdict as soon as it is over",
        file=f"{BILL}months.py",
        old="        return self.after.first + timedelta(days=DAYS_UNTIL_FINAL)",
        new="        return self.after.first",
        tests=(MONTHS,),
    ),
    Mutant(
        name="the first page of the costs is taken for the whole bill",
        file=COSTS,
        old="            if not page.next_link:",
        new="            if page.rows:",
        tests=(READING,),
    ),
    Mutant(
        name="what was bought counts as usage",
        file=COSTS,
        old='("ResourceId", "Meter"), (USAGE,))',
        new='("ResourceId", "Meter"), (USAGE, *NO_USAGE))',
        tests=("tests/bill/test_bill_vault_growth.py",),
    ),
    Mutant(
        name="the host of a next link is asked with our sign-in, for want of a token in it",
        file=COSTS,
        old="    if not found:\n        raise AzureUnreachable",
        new="    if not found:\n        return next_link\n        raise AzureUnreachable",
        tests=(READING,),
    ),
    Mutant(
        name="a shorter wait than the longest that Cost Management names is waited",
        file=COSTS,
        old="    return max(seconds, default=_WAIT_UNNAMED_SECONDS)",
        new="    return min(seconds, default=_WAIT_UNNAMED_SECONDS)",
        tests=(READING,),
    ),
    Mutant(
        name="whoever may not be advised reads bills in Slack",
        file="bot/commands/bill.py",
        old="        await audience.require(invocation.requester)\n",
        new="",
        tests=("tests/bot/test_bot_bill.py",),
    ),
    Mutant(
        name="an estimate given after the month is held against its bill",
        file=f"{BILL}ledger.py",
        old="and one.given_at.date() <= month.last",
        new="and one.given_at.date() <= month.after.last",
        tests=(LEDGER,),
    ),
    Mutant(
        name="an advice that nobody followed counts as an error",
        file=f"{BILL}ledger.py",
        old="if line.part in followed - there)",
        new="if line.part not in there)",
        tests=(LEDGER,),
    ),
    Mutant(
        name="the ledger drops the newest estimates where it is full",
        file="advisor/ledger_file.py",
        old="lines[len(lines) // 2 :]",
        new="lines[: len(lines) // 2]",
        tests=(LEDGER,),
    ),
    Mutant(
        name="a price for a block of 100 GB is taken for that of one",
        file=f"{PRICES}sheet.py",
        old="            amount=amount / unit.block,",
        new="            amount=amount,",
        tests=(SHEET,),
    ),
    Mutant(
        name="of two prices of a sheet for one meter the first is taken",
        file=f"{PRICES}sheet.py",
        old='            left_out["of which the sheet has several prices"] += len(found)',
        new="            yield found[0]",
        tests=(SHEET,),
    ),
    Mutant(
        name="a price of one's own is shown as one of the public list",
        file=f"{PRICES}book.py",
        old="agreed._replace(origin=PriceOrigin.AGREED, why=self._own_words)",
        new="agreed",
        tests=(SHEET,),
    ),
    Mutant(
        name="a damaged file of one's own prices is passed over",
        file=f"{PRICES}own.py",
        old='        raise InputUnreadable(str(path), "", problem) from error',
        new="        return None",
        tests=(SHEET,),
    ),
    Mutant(
        name="kept costs are open to everybody on the machine",
        file="advisor/prices/saved.py",
        old='    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f"{path.name}.")\n',
        new='    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f"{path.name}.")\n'
        "    os.fchmod(handle, 0o644)\n",
        tests=(READING,),
    ),
    Mutant(
        name="a price sheet is fetched without encryption",
        file="advisor/azure/price_sheets.py",
        old='        if parts.scheme != "https" and not (plain and parts.scheme == "http"):\n',
        new="        if False:\n",
        tests=("tests/azure/test_azure_price_sheets.py",),
    ),
    Mutant(
        name="a price sheet whose download broke off is read as far as it came",
        file="advisor/azure/price_sheets.py",
        old="        except (aiohttp.ClientError, TimeoutError, OSError) as error:\n"
        '            raise AzureUnreachable(what, f"its download',
        new="        except (aiohttp.ClientError, TimeoutError, OSError) as error:\n"
        "            return b''\n"
        '            raise AzureUnreachable(what, f"its download',
        tests=("tests/azure/test_azure_price_sheets.py",),
    ),
)

"""The commands of `vmbackup` that read and think: one row each, imported when it is run."""

from __future__ import annotations

from advisor.cli.group import CommandEntry, Entry, Example, GroupEntry

COMMANDS: tuple[Entry, ...] = (
    CommandEntry(
        "advise",
        "advisor.cli.advise:advise",
        "What can protect a VM, what each way costs, and which to take.",
        (
            Example("From Azure, with the account of “az login”", "vmbackup advise web-01"),
            Example(
                "From files that az wrote: nobody is given access",
                "vmbackup advise web-01 --inventory vms.json --inventory disks.json",
            ),
            Example(
                "At most 4 hours lost, and back within a day of the loss of the region",
                "vmbackup advise rg-shop-prod/web-01 --rpo 4h --region-rto 1d",
            ),
            Example(
                "With the used data, which narrows every cost most; for programs",
                "vmbackup advise web-01 --used 47GB --churn 2% --json",
            ),
        ),
    ),
    CommandEntry(
        "estimate",
        "advisor.cli.estimate:estimate",
        "What one way would cost for a VM that does not exist yet.",
        (
            Example(
                "A VM with one disk of 128 GB, of which 40 are used",
                "vmbackup estimate azure-backup --region westeurope --disk Premium_LRS:128:40",
            ),
            Example(
                "The same VM replicated to another region",
                "vmbackup estimate site-recovery --region westeurope --disk Premium_LRS:128:40",
            ),
            Example(
                "Snapshots twice a day of a disk with 2% of changes a day",
                "vmbackup estimate snapshots --region westeurope --disk Premium_LRS:512 \\\n"
                "    --churn 2% --every 12h --count 14",
            ),
        ),
    ),
    CommandEntry(
        "bill",
        "advisor.cli.bill:bill",
        "What protection really cost, beside what was estimated.",
        (
            Example("One VM, in the newest month that is final", "vmbackup bill sql-01"),
            Example("Every VM, in a spreadsheet", "vmbackup bill --csv > bill.csv && cat bill.csv"),
            Example("For programs", "vmbackup bill sql-01 --json"),
            Example("How far the estimates given before were off", "vmbackup bill --accuracy"),
        ),
    ),
    CommandEntry(
        "measure",
        "advisor.cli.measure:measure",
        "What is measured of a VM, and how far that narrows its price.",
        (
            Example("Writes, changed data, restores", "vmbackup measure crm-01"),
            Example(
                "And the used size, by VM insights",
                "vmbackup measure crm-01 --workspace 12345678-1234-1234-1234-123456789abc",
            ),
            Example("For programs", "vmbackup measure crm-01 --json"),
        ),
    ),
    CommandEntry(
        "fleet",
        "advisor.cli.fleet:fleet",
        "Every VM at once: what is missing, what is wasted.",
        (
            Example("Every VM that you may read", "vmbackup fleet"),
            Example(
                "From files, with sums by tag; for a spreadsheet",
                "vmbackup fleet --inventory vms.json --inventory disks.json \\\n"
                "    --group-by tag:owner --csv",
            ),
            Example("What the next 4,000 a month buy", "vmbackup fleet --top 4000"),
        ),
    ),
    GroupEntry(
        "inventory",
        "How to export what an advice reads, instead of giving access.",
        (
            CommandEntry(
                "query",
                "advisor.cli.inventory:query",
                "Print the az commands that export every VM, or one.",
                (
                    Example("Every VM that you may read", "vmbackup inventory query"),
                    Example("One VM alone", "vmbackup inventory query rg-shop-prod/web-01"),
                ),
            ),
        ),
    ),
    GroupEntry(
        "prices",
        "What the price book knows, and how to bring it up to date.",
        (
            CommandEntry(
                "show",
                "advisor.cli.prices:show",
                "Show what the price book knows, how old it is, and what it lacks.",
                (
                    Example("Every region and currency with prices", "vmbackup prices show"),
                    Example(
                        "Every meter of one region", "vmbackup prices show --region westeurope"
                    ),
                ),
            ),
            CommandEntry(
                "sheet",
                "advisor.cli.price_sheet:sheet",
                "Read your own prices from a price sheet: a file, or Azure's.",
                (
                    Example(
                        "From the Azure portal: Cost Management, Price sheet, Download",
                        "vmbackup prices sheet pricesheet.csv",
                    ),
                    Example(
                        "From Azure: this month's of an enrolment",
                        "vmbackup prices sheet --billing-account 1234567",
                    ),
                    Example("Back to the prices of the list", "vmbackup prices sheet --forget"),
                ),
            ),
            CommandEntry(
                "update",
                "advisor.cli.prices:update",
                "Fetch today's prices from Azure's public price list.",
                (
                    Example(
                        "One region, in euros",
                        "vmbackup prices update --region westeurope --currency EUR",
                    ),
                    Example("Every region that the book knows", "vmbackup prices update"),
                ),
            ),
        ),
    ),
)

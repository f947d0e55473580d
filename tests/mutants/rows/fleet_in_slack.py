"""The fleet in Slack: who may have it, a part as a part, one reading for all."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

TESTS, DIGEST = "tests/fleet/test_fleet_in_slack.py", "tests/fleet/test_fleet_digest.py"
CHANGES = "tests/fleet/test_fleet_changes.py"
ASKED = "tests/azure/test_azure_vm_standing.py"
LOST_RIGHTS = "tests/fleet/test_fleet_digest_lost_rights.py"
STANDING = "advisor/azure/vm_standing.py"
STORE, JOB = "bot/database/fleet_digest.py", "bot/jobs/weekly_digest.py"

ROWS = (
    Mutant(
        name="whoever may ask for advice has the whole fleet",
        file="bot/fleet_service.py",
        old="        await self._audience.require(requester, privilege=LIST)\n",
        new="",
        tests=(TESTS,),
    ),
    Mutant(
        name="a part of a fleet is told as the whole",
        file="bot/fleet_service.py",
        old="unread_clauses(read.estate)",
        new="()",
        tests=(TESTS,),
    ),
    Mutant(
        name="a reading begins while the one that was stopped still writes its pages",
        file="bot/jobs/fleet_reader.py",
        old="        with self._turn:\n",
        new="        with threading.Lock():\n",
        tests=("tests/fleet/test_fleet_asked_for_in_slack.py",),
    ),
    Mutant(
        name="each who asks meanwhile has the whole fleet read again",
        file="bot/fleet_service.py",
        old="        if task is None or task.done() or task.cancelling():\n",
        new="        if True:\n",
        tests=(TESTS,),
    ),
    Mutant(
        name="the reading of a fleet goes on in its thread when the bot stops",
        file="bot/jobs/fleet_reader.py",
        old="    except asyncio.CancelledError:\n        stop.set()\n        raise\n",
        new="    except asyncio.CancelledError:\n        raise\n",
        tests=(TESTS,),
    ),
    Mutant(
        name="the card says that a file arrived whatever Slack said",
        file="bot/fleet_service.py",
        old="        if answer.done:\n",
        new="        if True:\n",
        tests=(TESTS,),
    ),
    Mutant(
        name="two workers both settle a digest",
        file=STORE,
        old="WHERE lease_token = %(token)s AND (slot IS NULL OR slot < %(slot)s)\n",
        new="WHERE true OR %(token)s = ''\n",
        tests=(DIGEST,),
    ),
    Mutant(
        name="a worker that died keeps the digest for ever",
        file=STORE,
        old="      AND (lease_until IS NULL OR lease_until <= vmbackup_now())\n",
        new="      AND lease_until IS NULL\n",
        tests=(DIGEST,),
    ),
    Mutant(
        name="two workers read the fleet for one digest",
        file=STORE,
        old="      AND (lease_until IS NULL OR lease_until <= vmbackup_now())\n",
        new="",
        tests=(DIGEST,),
    ),
    Mutant(
        name="a channel that another company shares hears the digest",
        file=JOB,
        old="        if not ruling.allowed:\n",
        new="        if False:\n",
        tests=(DIGEST,),
    ),
    Mutant(
        name="the first digest tells every VM as new",
        file=JOB,
        old="says = taken.read_at is not None and not digest.is_silent",
        new="says = True",
        tests=(DIGEST,),
    ),
    Mutant(
        name="what could not be read is compared as if it had been",
        file="advisor/fleet/changes.py",
        old="    for key in now.read:\n",
        new="    for key in now.vms:\n",
        tests=(CHANGES,),
    ),
    Mutant(
        name="what could not be read is remembered as unprotected",
        file="advisor/fleet/seen.py",
        old="        return before._replace(is_lost=False) if before else never_known(now)\n",
        new="        return now\n",
        tests=(CHANGES,),
    ),
    Mutant(
        name="a VM is gone although not every VM was listed",
        file="advisor/fleet/changes.py",
        old="    if not now.is_whole:\n        return\n",
        new="",
        tests=(CHANGES,),
    ),
    Mutant(
        name="the VMs of a subscription that may not be read any more are gone",
        file="advisor/fleet/changes.py",
        old=" and subscription_of(vm) in now.subscriptions:",
        new=":",
        tests=(CHANGES,),
    ),
    Mutant(
        name="a subscription that may not be read is told as gone",
        file="advisor/azure/subscription_standing.py",
        old="if isinstance(error, AzureRefused) and _NOT_FOUND in error.reason:",
        new="if isinstance(error, AzureRefused):",
        tests=("tests/azure/test_azure_subscription_standing.py",),
    ),
    Mutant(
        name="that a subscription cannot be read is told every week",
        file="advisor/fleet/lost_scopes.py",
        old="(each in gone or not all(vm.is_lost for vm in vms))",
        new="True",
        tests=(CHANGES,),
    ),
    Mutant(
        name="a VM that is not listed is gone, whatever Azure says of it",
        file="advisor/fleet/changes.py",
        old="is_gone = key in now.gone_vms or",
        new="is_gone = key not in now.vms or",
        tests=(CHANGES,),
    ),
    Mutant(
        name="a VM that may be read only now is told as new",
        file="advisor/fleet/changes.py",
        old="was is None and is_new else",
        new="was is None else",
        tests=(CHANGES, LOST_RIGHTS),
    ),
    Mutant(
        name="a VM that may not be read is told as gone",
        file=STANDING,
        old="        return VmIs.UNREADABLE\n",
        new="        return VmIs.GONE\n",
        tests=(ASKED, LOST_RIGHTS),
    ),
    Mutant(
        name="any 404 says that a VM is gone",
        file=STANDING,
        old=" and code in _NOT_FOUND:",
        new=":",
        tests=(ASKED,),
    ),
    Mutant(
        name="Azure is asked about every VM that is not listed, however many there are",
        file=STANDING,
        old="        if self._asked >= MOST_ASKED:\n",
        new="        if False:\n",
        tests=(ASKED,),
    ),
    Mutant(
        name="Azure that answers nothing is asked about every VM all the same",
        file=STANDING,
        old="        if self._failed >= MOST_FAILED:\n",
        new="        if False:\n",
        tests=(ASKED,),
    ),
    Mutant(
        name="that VMs cannot be read is told every week",
        file=JOB,
        old="    return {**missed, **found} | {\n",
        new="    return found | {\n",
        tests=(LOST_RIGHTS,),
    ),
    Mutant(
        name="a question about a VM that failed once is not asked again",
        file=JOB,
        old="        if failed and taken.tries < PARTIAL_TRIES:\n",
        new="        if False and failed:\n",
        tests=(LOST_RIGHTS,),
    ),
    Mutant(
        name="a part of the fleet counts as all that can be read of it at once",
        file=JOB,
        old="        if unread and taken.tries < PARTIAL_TRIES:\n",
        new="        if False:\n",
        tests=(DIGEST,),
    ),
    Mutant(
        name="small moves of a price never add up",
        file="advisor/fleet/price_moves.py",
        old="        if not is_comparable or _key(each) in moved:\n",
        new="        if True:\n",
        tests=(CHANGES,),
    ),
    Mutant(
        name="a file of which nobody knows whether it arrived is sent again",
        file="bot/slack/delivery.py",
        old="UNKNOWN:\n                return Undeliverable(_PERHAPS_THERE)\n",
        new="UNKNOWN:\n                return SendLater(1.0, answer.why)\n",
        tests=(DIGEST,),
    ),
)

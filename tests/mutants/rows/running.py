"""What operators see of the bot: never a secret, never a yes for what was not asked."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

REPORT, ACCESS = "tests/doctor/test_doctor_report.py", "tests/azure/test_azure_access.py"

ROWS = (
    Mutant(
        name="the doctor's words keep the database's password",
        file="bot/doctor/report.py",
        old="found += [url, _password(url)]",
        new="found += [url]",
        tests=(REPORT,),
    ),
    Mutant(
        name="a role that takes an action off is taken to have it",
        file="advisor/azure/access.py",
        old="return _matches(self.actions, action) and not _matches(self.not_actions, action)",
        new="return _matches(self.actions, action)",
        tests=(ACCESS,),
    ),
    Mutant(
        name="what could not be asked counts as right",
        file="bot/doctor/finding.py",
        old="return self.finding.answer is Diagnosis.YES or not self.check.is_needed",
        new="return self.finding.answer is not Diagnosis.NO or not self.check.is_needed",
        tests=(REPORT,),
    ),
    Mutant(
        name="a bot without the schema's migrations is ready",
        file="bot/database/schema_state.py",
        old="if _state(version) in (SchemaState.CURRENT, SchemaState.NEWER):",
        new="if _state(version) is not SchemaState.EMPTY:",
        tests=("tests/health/test_health_probes.py",),
    ),
    Mutant(
        name="a bot starts on a newer schema that does not know it",
        file="bot/database/migrating.py",
        old="if found and found not in known and may_start(connection, VERSION_TABLE, known[0]):",
        new="if found and found not in known:",
        tests=("tests/database/test_database_opening.py",),
    ),
    Mutant(
        name="a bot of any schema lives with a newer one",
        file="bot/database/side_by_side.py",
        old="oldest.isdigit() and newest_known >= oldest",
        new="oldest.isdigit()",
        tests=("tests/database/test_database_opening.py",),
    ),
    Mutant(
        name="without a second signing secret the empty one is taken",
        file="bot/slack/inbound/signatures.py",
        old="for each in secrets if each)",
        new="for each in secrets)",
        tests=("tests/bot/test_bot_guard.py",),
    ),
    Mutant(
        name="an audit that was rewritten is added to the exported one",
        file="bot/database/audit_file.py",
        old="if rows and await audit.hash_at(rows) != head:",
        new="if rows and not await audit.hash_at(rows):",
        tests=("tests/database/test_store_audit_export.py",),
    ),
    Mutant(
        name="what somebody typed becomes a label of the metrics",
        file="bot/composition/slack_app.py",
        old='return named if any(each.name == named for each in TABLE) else "unknown"',
        new="return named",
        tests=("tests/health/test_health_probes.py",),
    ),
    Mutant(
        name="the token of Azure goes to the host of a next page",
        file="advisor/azure/arm_reader.py",
        old="if (parts.scheme, parts.netloc) != (own.scheme, own.netloc):",
        new="if parts.scheme != own.scheme:",
        tests=(ACCESS,),
    ),
)

"""What is for and against a configuration of Azure Backup, for one VM."""

from __future__ import annotations

from collections.abc import Iterator

from advisor.model import Reason, Verdict
from advisor.options.azure_backup.agent_rules import (
    AGENTLESS_RULES,
    ENHANCED_RULES,
    STANDARD_RULES,
    agent_supported,
)
from advisor.options.azure_backup.chosen import BackupConfiguration
from advisor.options.azure_backup.rules import VM_RULES
from advisor.options.azure_backup.vault_rules import archive_reason, vault_reasons
from advisor.options.case import Case, judge, verdict_of


class BackupReasons:
    """The reasons of a VM's configurations: shared by policy and vault."""

    def __init__(self, case: Case) -> None:
        common = judge(VM_RULES, case)
        unsupported = agent_supported(case) is Verdict.NO
        agentless = AGENTLESS_RULES if unsupported else ()
        self._case = case
        self._of_policy = {
            "standard": common + judge(STANDARD_RULES, case),
            "enhanced": common + judge((*ENHANCED_RULES, *agentless), case),
        }
        self._verdicts = {
            policy: verdict_of(reasons) for policy, reasons in self._of_policy.items()
        }
        self._shared: dict[str, tuple[Verdict, tuple[Reason, ...]]] = {}

    @property
    def forbidden(self) -> frozenset[str]:
        """The policies that the VM itself may not have, whatever vault they write to."""
        return frozenset(
            policy for policy, verdict in self._verdicts.items() if verdict is Verdict.NO
        )

    def of(self, chosen: BackupConfiguration) -> tuple[Verdict, tuple[Reason, ...]]:
        shared = self._shared.get(chosen.ruled)
        if shared is None:
            more = tuple(self._more(chosen))
            verdict = verdict_of(more, self._verdicts[chosen.policy])
            shared = self._shared[chosen.ruled] = (verdict, self._of_policy[chosen.policy] + more)
        against = chosen.policy_reasons
        return (Verdict.NO, shared[1] + against) if against else shared

    def _more(self, chosen: BackupConfiguration) -> Iterator[Reason]:
        yield from vault_reasons(self._case, chosen.redundancy, chosen.vault_region)
        if chosen.archive:
            yield archive_reason(self._case, chosen.vault_region)
        if chosen.crash_only and not chosen.found and agent_supported(self._case) is not Verdict.NO:
            yield from judge(AGENTLESS_RULES, self._case)

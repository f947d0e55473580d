"""How a vault comes to bill each protected item by itself: the command, and what changes with it.

backup-azure-granular-billing, 2026-04-13 (preview; Recovery Services vaults alone): new charges
only, within two hours; old lines, totals and meters stay.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator

from advisor.model import InPlace, ProtectionKind, Vault

LEVEL = "ProtectedItemLevel"
BY_ITEM = (LEVEL.lower(), "protecteditemwithparenttag")
_API_VERSION = "2026-11-01"  #: of Recovery Services vaults; the setting is known since 2026-05-01
_OF_VAULTS = (ProtectionKind.BACKUP, ProtectionKind.DATABASE_BACKUP)


def granular_billing(found: Iterable[InPlace]) -> tuple[str, ...]:
    """Two sentences for each vault that bills as a whole; none of one that was not read."""
    return tuple(said for vault in _billing_as_a_whole(found) for said in _of_vault(vault))


def granular_commands(found: Iterable[InPlace]) -> tuple[str, ...]:
    """The command that makes each of these vaults bill each item by itself."""
    return tuple(switch_on(vault.id) for vault in _billing_as_a_whole(found))


def switch_on(vault_id: str) -> str:
    """The command, for any shell that knows single quotes."""
    url = f"{vault_id}?api-version={_API_VERSION}"
    body = f'{{"properties": {{"costManagementSettings": {{"granularityLevel": "{LEVEL}"}}}}}}'
    return f"az rest --method patch --url {shlex.quote(url)} --body {shlex.quote(body)}"


def _billing_as_a_whole(found: Iterable[InPlace]) -> tuple[Vault, ...]:
    vaults = {
        each.protection.vault.id.lower(): each.protection.vault
        for each in found
        if each.protection.kind in _OF_VAULTS and each.protection.vault is not None
    }
    return tuple(
        vault
        for vault in vaults.values()
        if vault.granularity is not None and vault.granularity.lower() not in BY_ITEM
    )


def _of_vault(vault: Vault) -> Iterator[str]:
    yield (
        f"Vault {vault.name} bills all it protects together, so that one VM's bill is a share of "
        "it. The command below makes it bill each item by itself (a preview)."
    )
    yield (
        "Only what is charged afterwards changes, within two hours; what was charged stays as it "
        "is, and so do totals and meters."
    )

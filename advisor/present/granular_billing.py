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
    vaults = {
        each.protection.vault.id.lower(): each.protection.vault
        for each in found
        if each.protection.kind in _OF_VAULTS and each.protection.vault is not None
    }
    return tuple(said for vault in vaults.values() for said in _of_vault(vault))


def switch_on(vault_id: str) -> str:
    """The command, for any shell that knows single quotes."""
    url = f"{vault_id}?api-version={_API_VERSION}"
    body = f'{{"properties": {{"costManagementSettings": {{"granularityLevel": "{LEVEL}"}}}}}}'
    return f"az rest --method patch --url {shlex.quote(url)} --body {shlex.quote(body)}"


def _of_vault(vault: Vault) -> Iterator[str]:
    if vault.granularity is None or vault.granularity.lower() in BY_ITEM:
        return
    yield (
        f"Vault {vault.name} bills all it protects together, so that one VM's bill is a share of "
        f"it. This makes it bill each item by itself (a preview): {switch_on(vault.id)}"
    )
    yield (
        "Only what is charged afterwards changes, within two hours; what was charged stays as it "
        "is, and so do totals and meters."
    )

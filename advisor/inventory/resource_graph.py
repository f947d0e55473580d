"""The Resource Graph queries that bring a VM, or every VM, with all that protects it.

Three queries that run side by side; every row is a whole resource as ARM has it, so that the
parsers of files read them too. With a VM named they bring what belongs to that name; without
one they export everything. A value that a person typed enters a query only through `quoted`.

Resource Graph's limits (governance/resource-graph/concepts/query-language, 2024-03-20): at most
three join or union, three mv-expand of 2,000 rows, a table once as a right-hand side, one join
across tables, 1,000 rows a page, `id` projected. No query uses `union`, which does not cross
tables, nor any of the characters $ ` ! \\ " that a shell would read inside double quotes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from advisor.errors import UsageError
from advisor.inventory.arm import (
    COLLECTION_TYPE,
    DISK_TYPE,
    RESTORE_POINT_TYPE,
    SNAPSHOT_TYPE,
    VM_TYPE,
)
from advisor.inventory.coverage import InventoryPart
from advisor.inventory.data_protection import DISK_POLICY_TYPE, INSTANCE_TYPE
from advisor.inventory.fields import FIRST_YEAR
from advisor.inventory.policies import POLICY_TYPE
from advisor.inventory.recovery_services import (
    BACKED_UP_COLUMN,
    ITEM_TYPE,
    ITEMS_COLUMN,
    VAULT_TYPE,
)
from advisor.inventory.replication import REPLICATED_TYPE, REPLICATION_POLICY_TYPE

PAGE_ROWS = 1000
NAMES_LOOKED_AT = 1000  #: one page of names is enough to find the nearest

#: What a resource is made of, in Resource Graph's columns.
_TEXT_COLUMNS = ("id", "name", "type", "location", "resourceGroup", "subscriptionId", "managedBy")
_OBJECT_COLUMNS = ("sku", "plan", "zones", "tags", "properties", "extendedLocation")
_COLUMNS = _TEXT_COLUMNS + _OBJECT_COLUMNS
#: What the vault of an item tells beside itself.
_COUNTS = (ITEMS_COLUMN, BACKED_UP_COLUMN)
#: What a vault holds and protects something by.
_HELD = (ITEM_TYPE, REPLICATED_TYPE, INSTANCE_TYPE)
_EXPANDED_AT_MOST = 2000
_ID_PARTS = 8  #: the last part of a vault's id, counted from 0, the first being empty

#: Where an item of a vault says which VM it protects: Backup's three, then Site Recovery's two.
_PROTECTED_VM = (
    "properties.sourceResourceId",
    "properties.virtualMachineId",
    "properties.dataSourceInfo.resourceID",
    "properties.providerSpecificDetails.dataSourceInfo.resourceId",
    "properties.providerSpecificDetails.fabricObjectId",
)

# VM names: 1 to 64 letters, digits, hyphens, periods and underscores; groups: 1 to 90, also
# parentheses (azure-resource-manager/management/resource-name-rules).
_VM_NAME = re.compile(r"[A-Za-z0-9._-]{1,64}")
_GROUP_NAME = re.compile(r"[\w.()-]{1,90}")
_SUBSCRIPTION = re.compile(r"[0-9A-Fa-f-]{36}")
_SHOWN = 120  #: longer texts, and those that hide something, are not repeated to people


@dataclass(frozen=True, slots=True)
class WantedVm:
    """Which VM a person means: a name, in a group or anywhere, or one full id."""

    name: str
    group: str = ""
    subscription: str = ""

    @property
    def id_ending(self) -> str:
        """How the id of every VM that is meant ends, lower-cased."""
        ending = f"/providers/{VM_TYPE}/{self.name}"
        if self.group:
            ending = f"/resourcegroups/{self.group}{ending}"
        if self.subscription:
            ending = f"subscriptions/{self.subscription}{ending}"
        return ending.lower()


@dataclass(frozen=True, slots=True)
class GraphQuery:
    """One query: `what` it brings in words, its text, and the right that reading it needs."""

    what: str
    text: str
    permission: str
    parts: tuple[InventoryPart, ...]  #: what is known to have been looked at when it succeeded
    file_name: str  #: where the printed command puts its answer


def wanted_vm(text: str) -> WantedVm:
    """`web-01`, `rg/web-01` or a full ARM id. Raises UsageError for anything else."""
    parts = text.strip().strip("/").split("/")
    if len(parts) == 8 and [part.lower() for part in parts[0:7:2]] == [
        "subscriptions",
        "resourcegroups",
        "providers",
        "virtualmachines",
    ]:
        if parts[5].lower() == "microsoft.compute" and _SUBSCRIPTION.fullmatch(parts[1]):
            return _checked(text, WantedVm(parts[7], parts[3], parts[1]))
    elif len(parts) == 2:
        return _checked(text, WantedVm(parts[1], parts[0]))
    elif len(parts) == 1:
        return _checked(text, WantedVm(parts[0]))
    raise _not_a_vm(text)


def queries(wanted: WantedVm | None) -> tuple[GraphQuery, GraphQuery, GraphQuery]:
    """The three queries for one VM, or with None for every VM one may read."""
    return _vms_and_disks(wanted), _protection(wanted), _points_and_vaults(wanted)


def names_query() -> GraphQuery:
    """The names of the VMs one may read: to offer the nearest when none is called as asked."""
    return GraphQuery(
        what="the names of the VMs",
        text=f"resources\n| where type =~ {quoted(VM_TYPE)}\n| project id, name\n| order by id asc",
        permission="Microsoft.Compute/virtualMachines/read, as the role Reader has it",
        parts=(),
        file_name="names.json",
    )


def regions_query() -> GraphQuery:
    """The regions that have a VM, each once."""
    return GraphQuery(
        what="the regions of the VMs",
        text=f"resources\n| where type =~ {quoted(VM_TYPE)}\n| distinct location",
        permission="Microsoft.Compute/virtualMachines/read, as the role Reader has it",
        parts=(),
        file_name="regions.json",
    )


def az_command(query: GraphQuery) -> str:
    """The command that runs a query and keeps its first page; for any shell, so on one line."""
    one_line = " ".join(line.strip() for line in query.text.splitlines())
    return f'az graph query -q "{one_line}" --first {PAGE_ROWS} -o json > {query.file_name}'


def quoted(text: str) -> str:
    """A text as a KQL string literal that holds exactly this text.

    Backslash and quote are escaped; a text with a control character or a line break, which no
    Azure name has, raises UsageError.
    """
    if not text.isprintable():
        raise UsageError("A name holds a character that cannot be printed. Type it again.")
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def _vms_and_disks(wanted: WantedVm | None) -> GraphQuery:
    parts = (InventoryPart.DISKS,)
    return GraphQuery(
        what="the VM and its disks" if wanted else "the VMs and their disks",
        text=_query("resources", (VM_TYPE, DISK_TYPE), _of_the_vm(wanted), _mark(wanted, parts)),
        permission="Microsoft.Compute/virtualMachines/read and Microsoft.Compute/disks/read, "
        "as the role Reader has them",
        parts=parts,
        file_name="vms-and-disks.json",
    )


def _protection(wanted: WantedVm | None) -> GraphQuery:
    parts = (
        InventoryPart.BACKUP_ITEMS,
        InventoryPart.REPLICATED_ITEMS,
        InventoryPart.DISK_BACKUPS,
    )
    types = (*_HELD, POLICY_TYPE, REPLICATION_POLICY_TYPE, DISK_POLICY_TYPE)
    mark = _mark(wanted, parts)
    return GraphQuery(
        what="the backup items, the replicated items, the disks backed up and their policies",
        text=_query("recoveryservicesresources", types, _protecting(wanted), mark),
        permission="Microsoft.RecoveryServices/Vaults/*/read and "
        "Microsoft.DataProtection/backupVaults/*/read, as the role Reader has them",
        parts=parts,
        file_name="protection.json",
    )


def _points_and_vaults(wanted: WantedVm | None) -> GraphQuery:
    parts = (InventoryPart.SNAPSHOTS, InventoryPart.RESTORE_POINTS)
    types = (SNAPSHOT_TYPE, COLLECTION_TYPE, RESTORE_POINT_TYPE, VAULT_TYPE)
    counts = "".join(f", {column}" for column in _COUNTS) if wanted else ""
    return GraphQuery(
        what="the snapshots, the restore points and the vaults",
        text=_query("resources", types, _points(wanted), counts or _mark(wanted, parts)),
        permission="Microsoft.Compute/snapshots/read, "
        "Microsoft.Compute/restorePointCollections/read and "
        "Microsoft.RecoveryServices/Vaults/read, as the role Reader has them",
        parts=parts,
        file_name="points-and-vaults.json",
    )


def _query(table: str, types: tuple[str, ...], narrowed: str, mark: str) -> str:
    listed = ", ".join(quoted(one) for one in types)
    return (
        f"{table}\n| where type in~ ({listed}){narrowed}"
        f"\n| project {', '.join(_COLUMNS)}{mark}\n| order by id asc"
    )


def _mark(wanted: WantedVm | None, parts: tuple[InventoryPart, ...]) -> str:
    """The column that tells who reads the export what was looked at for every VM."""
    return "" if wanted else f", vmbackupRead = {quoted(' '.join(parts))}"


def _of_the_vm(wanted: WantedVm | None) -> str:
    """Narrows VMs and disks: joined on the ids in the VM's own storage profile, which hold for
    shared disks too (`managedBy` names only one of the VMs that share one)."""
    if wanted is None:
        return ""
    return f"""
| extend key = tolower(id)
| join kind=inner ({_ids_of_the_vm(wanted)}) on key"""


def _ids_of_the_vm(wanted: WantedVm) -> str:
    """A table of one column `key`: the lower-cased ids of the VM and of its disks."""
    return f"""
    resources
    | where type =~ {quoted(VM_TYPE)}
    | where id endswith {quoted(wanted.id_ending)}
    | extend itself = pack_array(bag_pack('managedDisk', bag_pack('id', id)))
    | extend osDisk = pack_array(properties.storageProfile.osDisk)
    | extend dataDisks = properties.storageProfile.dataDisks
    | extend dataDisks = iff(isnull(dataDisks), dynamic([]), dataDisks)
    | mv-expand one = array_concat(itself, osDisk, dataDisks)
    | extend key = tolower(tostring(one.managedDisk.id))
    | where isnotempty(key)
    | distinct key
"""


def _protecting(wanted: WantedVm | None) -> str:
    """Every item of a vault, because it counts for the vault, but of policies and of instances of
    Backup vaults only those of VMs, of databases and of disks; of those the ones of the VM or of
    its disks, with the policies they name."""
    if wanted is None:
        return f"""
| where type in~ ({_quoted(ITEM_TYPE, REPLICATED_TYPE, REPLICATION_POLICY_TYPE)})
    or properties.backupManagementType in~ ('AzureIaasVM', 'AzureWorkload')
    or properties.dataSourceInfo.datasourceType =~ {quoted(DISK_TYPE)}
    or tostring(properties.datasourceTypes) contains {quoted(DISK_TYPE)}"""
    return f"""
| extend key = tolower(id)
| join kind=inner (
    recoveryservicesresources
    | where type in~ ({_quoted(*_HELD)})
    | extend key = tolower(tostring(properties.dataSourceInfo.resourceID))
    | join kind=leftouter ({_ids_of_the_vm(wanted).rstrip()}
        | extend ofTheVm = true
    ) on key
    | where isnotnull(ofTheVm) or {_names_the_vm(wanted)}
    | mv-expand one = pack_array(id, properties.policyId, properties.policyInfo.policyId)
    | extend key = tolower(tostring(one))
    | where isnotempty(key)
    | distinct key
) on key"""


def _names_the_vm(wanted: WantedVm) -> str:
    """An item of databases that names no VM lies in a container that does."""
    ending = quoted(wanted.id_ending)
    named = " or ".join(f"tostring({place}) endswith {ending}" for place in _PROTECTED_VM)
    vm = f";{wanted.group};{wanted.name}/" if wanted.group else f";{wanted.name}/"
    container = quoted("/protectioncontainers/vmappcontainer;compute;")
    return f"{named} or (id contains {container} and id contains {quoted(vm)})"


def _points(wanted: WantedVm | None) -> str:
    """Narrows to what was taken of the VM's disks or the VM, and the vaults of its items.

    A snapshot's copy names the snapshot it was copied from, and a restore point lies in its
    collection: both are read with that first resource, as one family, because a query may not
    join the same table a second time. Of a family only the first resource has a source outside
    it. A copy of a copy, and a restore point copied to another region, are not found this way.
    To pack is to hold whole resources in the memory that a query may use. So a first resource is
    packed only where its source is the VM or a disk of the VM, and a vault only where it holds an
    item of the VM, with how many items it holds of any VM; beside them only copies and restore
    points are.
    """
    if wanted is None:
        return ""
    packed = ", ".join(f"{quoted(column)}, {column}" for column in (*_COLUMNS, *_COUNTS))
    texts = ", ".join(f"{column} = tostring(one.{column})" for column in _TEXT_COLUMNS)
    others = (*_OBJECT_COLUMNS, *_COUNTS)
    objects = ", ".join(f"{column} = one.{column}" for column in others)
    return f"""
| extend ofADisk = tostring(properties.creationData.sourceResourceId)
| extend source = tolower(strcat(ofADisk, tostring(properties.source.id)))
| extend copied = source contains {quoted(f"/providers/{SNAPSHOT_TYPE}/")}
| extend family = iff(copied, source, tostring(split(tolower(id), '/restorepoints/')[0]))
| extend key = iff(copied, '', source)
| join kind=leftouter ({_ids_of_the_vm(wanted).rstrip()}
    | extend ofTheVm = true
) on key
| join kind=leftouter (
    recoveryservicesresources
    | where type in~ ({_quoted(ITEM_TYPE, REPLICATED_TYPE)})
    | extend family = strcat_array(array_slice(split(tolower(id), '/'), 0, {_ID_PARTS}), '/')
    | extend mine = iff({_names_the_vm(wanted)}, 1, 0)
    | extend item = iff(type =~ {quoted(ITEM_TYPE)}, 1, 0)
    | extend backedUp = iff(item == 1 and ({_is_backed_up()}), 1, 0)
    | summarize mine = sum(mine), {ITEMS_COLUMN} = sum(item), {BACKED_UP_COLUMN} = sum(backedUp)
        by family
    | where mine > 0
) on family
| extend found = iff(isnotnull(ofTheVm) or isnotnull(mine), 1, 0)
| where found == 1 or copied or type =~ {quoted(RESTORE_POINT_TYPE)}
| extend whole = bag_pack({packed})
| summarize of_the_vm = sum(found), members = make_list(whole) by family
| where of_the_vm > 0
| mv-expand one = members limit {_EXPANDED_AT_MOST}
| project {texts}, {objects}"""


def _is_backed_up() -> str:
    """Whether an item has a point. Azure writes “never” as a year before FIRST_YEAR."""
    times = ("lastRecoveryPoint", "lastBackupTime")
    return " or ".join(
        f"todatetime(tostring(properties.{one})) > datetime({FIRST_YEAR}-01-01)" for one in times
    )


def _quoted(*texts: str) -> str:
    return ", ".join(quoted(one) for one in texts)


def _checked(text: str, wanted: WantedVm) -> WantedVm:
    if not _VM_NAME.fullmatch(wanted.name):
        raise _not_a_vm(text)
    if wanted.group and not _GROUP_NAME.fullmatch(wanted.group):
        raise _not_a_vm(text)
    return wanted


def _not_a_vm(text: str) -> UsageError:
    shown = f"“{text}”" if text.isprintable() and len(text) <= _SHOWN else "This"
    return UsageError(
        f"{shown} is not the name of a VM. Write it as web-01, as group/web-01 or as the full id "
        "/subscriptions/…/resourceGroups/…/providers/Microsoft.Compute/virtualMachines/web-01."
    )

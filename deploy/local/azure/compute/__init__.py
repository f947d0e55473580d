"""Microsoft.Compute as the stand-in plays it: VMs, disks, snapshots, restore points, SKUs."""

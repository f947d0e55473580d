"""Azure Resource Graph: any KQL, run over the resources of the stand-in's world."""

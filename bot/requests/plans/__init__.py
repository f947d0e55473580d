"""The parts of the priced plans of requests. Pure: functions from what was read to a plan."""

"""Support wanted by projects, and the pledges of foundations (寻求支持、支持意向)."""

"""How much of its limits a workspace uses. Counted where the thing counted is written, so that nothing drifts."""

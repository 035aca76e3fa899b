"""Repeatable measurements, each beside its floor in the same run. See README.md."""

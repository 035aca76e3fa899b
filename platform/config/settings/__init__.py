"""base: what runs. test: base with what tests need."""

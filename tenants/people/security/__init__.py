"""Who signs in, how, and what was done about it."""

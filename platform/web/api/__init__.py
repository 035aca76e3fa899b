"""The REST API: one resource a record type, made from its declaration."""

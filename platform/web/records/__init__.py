"""Pages that every record type has from its declaration: list, record, form, inline edit, pickers, bulk."""

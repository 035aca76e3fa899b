"""What an import does, in the order in which it happens.

files (what has arrived), mapping (which column is what), staging (rows read, resolved, matched),
findings (what the dry run shows), writing (chunks), undoing; and exporting, the way out.
"""

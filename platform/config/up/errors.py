"""How `up` and `test` end otherwise than well: with a sentence for the person at the terminal, or stopped."""

STOPPED = 130  # as a shell says of a command that Ctrl-C ended


class CannotStart(Exception):
    """Something outside the program must change first; the message says what, and how."""

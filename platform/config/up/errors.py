"""The one way in which `up` and `test` refuse: a sentence for the person at the terminal."""


class CannotStart(Exception):
    """Something outside the program must change first; the message says what, and how."""

"""How a command ends."""

OK = 0
SOME_FAILED = 1
"""Some photo or face failed; the others are done."""
USAGE = 2
"""Nothing was done: the request cannot be carried out as it was given."""
INTERRUPTED = 130

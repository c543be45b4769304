"""The errors that the engine raises on purpose.

Each message is one sentence (or two) that names the file and says what the user can do; it is shown as it
is, without a traceback. Anything else that escapes the engine is a bug.
"""


class CoreError(Exception):
    """Base of all errors whose message may be shown to a user as it is."""


class PhotoError(CoreError):
    """A photo could not be read or written."""


class ModelError(CoreError):
    """A weights file is missing, damaged, of another network, or unsafe to read."""


class DeviceError(CoreError):
    """A device or a precision that was asked for is not to be had here."""


class RestorationError(CoreError):
    """None of a photo's faces could be restored."""


class OutOfMemoryError(CoreError):
    """Something needs more memory than there is; the message names what would need less."""


class UsageError(CoreError):
    """The request itself cannot be carried out: options that contradict each other or the files."""


class Cancelled(Exception):
    """The user asked to stop. Not an error: a job ends in returned, failed or cancelled."""

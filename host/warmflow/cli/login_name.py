"""The name of the user who runs this program, for entries that are recorded with a name."""

import getpass


def login_name() -> str:
    """Never raises: a container may have a user without a name."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "unknown"

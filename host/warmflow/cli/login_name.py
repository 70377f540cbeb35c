"""Who runs this program, for what is recorded with a name."""

import getpass


def login_name() -> str:
    """Never raises: a container may have a user without a name."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "unknown"

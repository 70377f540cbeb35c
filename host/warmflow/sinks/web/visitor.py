"""Who asks, as the authentication found it: for whoever answers."""

from typing import NamedTuple

from starlette.requests import HTTPConnection


class Visitor(NamedTuple):
    """`known`: may see more than that the daemon lives. `user`: the name of the login, which nobody checks.
    `instructor`: may inject faults and see hidden ones. `login`: came by the login page.
    """

    known: bool = False
    user: str = ""
    instructor: bool = False
    login: bool = False


NOBODY = Visitor()
AT_THIS_COMPUTER = Visitor(known=True, instructor=True)


def visitor(asked: HTTPConnection) -> Visitor:
    """NOBODY where no authentication stands before the application."""
    found = getattr(asked.state, "visitor", NOBODY)
    return found if isinstance(found, Visitor) else NOBODY

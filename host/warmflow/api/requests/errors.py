"""What is wrong with a request that was understood."""

from warmflow.errors import UserError


class NotDone(UserError):
    """A request that cannot be carried out; the text says why."""

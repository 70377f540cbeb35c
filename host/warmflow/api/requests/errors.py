"""The error of a valid request that cannot be carried out."""

from warmflow.errors import UserError


class NotDone(UserError):
    """A request that cannot be carried out; the text says why."""

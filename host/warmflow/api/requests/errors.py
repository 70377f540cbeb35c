"""What is wrong with a request that was understood."""

from warmflow.errors import Mendable


class NotDone(Mendable):
    """A request that cannot be carried out; the text says why."""

"""The one exception of this package. It is meant for a person: each message names the thing and the remedy."""

from warmflow.errors import UserError


class BrokerError(UserError):
    """No broker could be had: bad URL, port taken, program missing, program died or does not answer."""

"""The links to the pumps: `wire` is the port, `pump` what its board says and is told, `fleet` all of them, `dialogue` a
short talk with one. Only the names below are for the rest of the program.
"""

from warmflow.link.pump import ANSWER_S, NAME_TAKEN, CommandError, PumpLink

__all__ = ["ANSWER_S", "NAME_TAKEN", "CommandError", "PumpLink"]

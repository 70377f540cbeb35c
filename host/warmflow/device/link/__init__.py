"""The links to the pumps: `wire` is the port, `pump` what its board says and is told.

For the rest of the program are the names below, `fleet`, which is all of them, and `dialogue`, a short talk with one.
"""

from warmflow.device.link.pump_link import ANSWER_S, CommandError, PumpLink

__all__ = ["ANSWER_S", "CommandError", "PumpLink"]

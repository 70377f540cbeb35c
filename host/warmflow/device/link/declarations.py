"""Which declarations of a rig are news: HELLO and INFO say the same again and again. It reads no clock and publishes
nothing.
"""

from pumplink import messages as m
from warmflow.device.identity import Boot
from warmflow.device.session.board_share import BoardShare

DECLARED = [name for name in m.Info._fields if name in m.Hello._fields and name not in ("uptime_ms", "pump_time_ms")]


class Declarations:
    """Of one link."""

    def __init__(self) -> None:
        self._newest: tuple[object, ...] = ()

    def is_news(self, boot: Boot, rig: m.Hello | m.Info, share: BoardShare, now_s: float) -> bool:
        """Whether it is to be published. A new boot and a new name always are. What is above the board's share is not:
        the newest one is, when there is a share again.
        """
        said = (boot, rig.rig_name, *(getattr(rig, field) for field in DECLARED))
        if said == self._newest or (said[:2] == self._newest[:2] and not share.take("declarations", now_s)):
            return False
        self._newest = said
        return True

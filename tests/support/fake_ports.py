"""Boards without a port: what each sends is handed to its link in a fleet. No process, no clock that a test does not
move.
"""

from types import SimpleNamespace

from records import START
from wire import golden

from pumplink import messages as m
from pumplink.fastcodec import ENCODERS
from pumplink.framing import frame, unline
from warmflow.device.host_clock import Stamp
from warmflow.device.link import PumpLink
from warmflow.device.link.fleet import Fleet
from warmflow.device.name_registry import NameRegistry
from warmflow.device.session import NoMemory, RecordStore
from warmflow.device.updates import Gap, LinkStatus, PumpRemoved, Reading, Update
from warmflow.hub import Hub, PumpUpdate

GOLDEN = {type(vector.message): vector.message for vector in reversed(list(golden()))}
HELLO, INFO = GOLDEN[m.Hello], GOLDEN[m.Info]


def hello(name: str, board: int = 1, boot: int = 1, number: int = 7, **fields: object) -> m.Hello:
    """HELLO of a board that is `board`, in its boot `boot`."""
    values = {"rig_name": name, "board_id": bytes(7) + bytes([board]), "boot_count": boot, "boot_random": number}
    return HELLO._replace(**values | {"oldest_sequence": 1, "next_sequence": 1} | fields)


def info(name: str) -> m.Info:
    return INFO._replace(rig_name=name)


def reading(sequence: int, flow: int = 50_000) -> m.Telemetry:
    return m.Telemetry(0, sequence, sequence * 100, sequence * 100, 36_000, 0, None, flow, sequence, 0)


def board_id(board: int) -> str:
    return (bytes(7) + bytes([board])).hex()


class FakePorts:
    """A fleet whose ports are p0, p1, ... All are open. `updates`: everything that was published."""

    def __init__(self, count: int = 2, memory: RecordStore | None = None, names: NameRegistry | None = None) -> None:
        self.hub, self.updates, self.log = Hub(), list[PumpUpdate](), list[str]()
        self.hub.add(self)
        self.passed_s = 0.0
        ports = [f"p{number}" for number in range(count)]
        memory = memory or NoMemory()
        self.fleet = Fleet(ports, self.publish, self.log.append, memory, now=self._stamp, names=names)
        for link in self.links:
            self.plug(link)

    @property
    def links(self) -> list[PumpLink]:
        return list(self.fleet.links.values())

    def on_update(self, update: PumpUpdate) -> None:
        self.updates.append(update)

    def publish(self, update: Update) -> None:
        self.hub.publish(update)

    def plug(self, link: PumpLink) -> None:
        link.wire.begin(SimpleNamespace(path=link.wanted, stamp=self._stamp, now_s=self._now_s))

    def unplug(self, number: int) -> None:
        self.links[number].wire.lose("unplugged")

    def send(self, number: int, *said: m.Message) -> None:
        """What the board at this port says."""
        self.links[number].wire.receive(b"".join(frame(ENCODERS[type(each)](each)) for each in said))

    def pass_time(self, seconds: float) -> None:
        self.passed_s += seconds
        for link in self.links:
            link.wire.look()

    def sent_to(self, number: int) -> list[type[m.Message]]:
        """Kinds of messages that wait to be written to the board, which are taken away."""
        from pumplink.fastcodec import DECODERS

        outbox, kinds = self.links[number].wire._outbox, []
        while not outbox.empty():
            payload, _ = unline(outbox.get_nowait().strip(b"\n"))
            kinds.append(type(DECODERS[payload[0]](payload)))
        return kinds

    def readings(self, pump: str) -> list[Reading]:
        return [each for each in self.updates if isinstance(each, Reading) and each.pump == pump]

    def gaps(self) -> list[Gap]:
        return [each for each in self.updates if isinstance(each, Gap)]

    def removed(self) -> list[str]:
        return [each.pump for each in self.updates if isinstance(each, PumpRemoved)]

    def last_state(self, pump: str) -> LinkStatus:
        return [each for each in self.updates if isinstance(each, LinkStatus) and each.pump == pump][-1]

    def _stamp(self) -> Stamp:
        return Stamp(self.passed_s, START.timestamp() + self.passed_s)

    def _now_s(self) -> float:
        return self._stamp().steady_s

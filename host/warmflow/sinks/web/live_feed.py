"""What is new, for every page that looks: the raw readings of the pump that it shows, seconds of all pumps, and what
there is to know of each pump now.

One tick serves all pages: a message is made once and given to everybody who wants the same. It keeps nothing that is
old; history comes from the journal.
"""

import asyncio
import itertools
from collections.abc import Callable
from typing import Any

from warmflow.alarms.updates import AlarmChanged, LimitsChanged
from warmflow.device.updates import BoardEvent, Gap, GroundTruth, LinkStatus, PumpRemoved, Reading, ScenarioChanged
from warmflow.hub import PumpUpdate
from warmflow.runtime.json_bytes import dump
from warmflow.runtime.wall_clock import Clock
from warmflow.sinks.web.binary_columns import Columns, packed
from warmflow.sinks.web.one_second_bins import NAMES, OneSecondBin, Span

TICK_S = 0.25  # drawn four times a second: faster costs a page's processor and shows a person nothing more
TABLE_TICKS = 2  # the table of values is sent with every second one, and of more than MANY pumps half as often:
MANY = 8  # nobody reads fifty rows twice a second, and drawing them costs the page most
QUEUE_MAX = 16  # messages that wait for one page: then it has lost the oldest, and is told
RAW_NAMES = ("time_s", "flow_ul_h", "probe_c", "ambient_kpa", "delivered_ul", "nominal_ul_h")
TRUTH_NAMES = ("time_s", "skin_c", "core_c", "pump_c", "vapour_kpa", "drive_kpa", "outlet_kpa", "flow_ul_h")
RAW_MAX = 2000  # readings of one pump in a tick; more come only after a hole, which the page reads from the journal
NEWS_MAX = 100  # events of all pumps in a tick: a board may send thousands
NOTHING = float("nan")

Message = str | bytes


class Page:
    """One page that looks. `watched` is the pump whose raw readings it wants."""

    def __init__(self) -> None:
        self.watched: str | None = None
        self.dropped = 0
        self._queue: asyncio.Queue[Message] = asyncio.Queue(QUEUE_MAX)

    def enqueue(self, message: Message) -> None:
        if self._queue.full():
            self._queue.get_nowait()
            self.dropped += 1
        self._queue.put_nowait(message)

    async def get(self) -> Message:
        return await self._queue.get()


class LiveFeed:
    """Subscriber of the hub. `card` says what a table shows of a pump's last reading. `more` is what else every page
    has to know, alarms and scenarios: it is read and sent when an update says that it has changed. `row` is what else
    the table has of a pump, by its name and its last reading: its words, and what the rig is.
    """

    def __init__(
        self, card: Callable[[Reading], Any], link: Callable[[LinkStatus], Any], clock: Clock,
        more: Callable[[], dict[str, Any]] = dict,
        row: Callable[[str, Reading | None], dict[str, Any]] = lambda pump, reading: {},
    ) -> None:  # fmt: skip
        self.pages: set[Page] = set()
        self._row = row
        self._card, self._link, self._clock, self._more = card, link, clock, more
        self._last: dict[str, Reading] = {}
        self._links: dict[str, LinkStatus] = {}
        self._raw: dict[str, list[tuple[float, ...]]] = {}
        self._truth: dict[str, list[tuple[float, ...]]] = {}
        self._seconds: dict[str, OneSecondBin] = {}
        self._closed: dict[str, list[Span]] = {}
        self._news: list[dict[str, Any]] = []
        self._more_changed = False

    def on_update(self, update: PumpUpdate) -> None:
        """Takes an update; what is late goes into the journal alone."""
        match update:
            case AlarmChanged() | LimitsChanged() | ScenarioChanged():
                self._more_changed = True
            case Reading() if not update.late:
                self._reading(update)
            case GroundTruth():
                rows = self._truth.setdefault(update.pump, [])
                if len(rows) < RAW_MAX:
                    rows.append(_inner(update))
            case LinkStatus() if update.pump:
                self._links[update.pump] = update
            case PumpRemoved():
                self._more_changed = True
                self._last.pop(update.pump, None)
                self._links.pop(update.pump, None)
            case BoardEvent() | Gap() if len(self._news) < NEWS_MAX:
                self._news.append({"pump": update.pump, "kind": type(update).__name__.lower()})

    async def run(self) -> None:
        """Until cancelled."""
        for tick in itertools.count():
            await asyncio.sleep(TICK_S)
            every = TABLE_TICKS * (2 if len(self._last) > MANY else 1)
            self.tick(with_table=tick % every == 0)

    def tick(self, with_table: bool) -> None:
        """Gives every page what is new since the last tick."""
        raw, self._raw = self._raw, {}
        truth, self._truth = self._truth, {}
        closed, self._closed = self._closed, {}
        news, self._news = self._news, []
        if not self.pages:
            return
        spans = [Columns(pump, "spans", _columns(NAMES, rows), 1) for pump, rows in closed.items()]
        made: dict[str | None, bytes] = {}
        table = self._table() if with_table else None
        more = dump(self._more()).decode() if self._more_changed else None
        self._more_changed = False
        for page in self.pages:
            own = page.watched
            if own not in made:
                blocks = [Columns(own, "raw", _columns(RAW_NAMES, raw[own]))] if own in raw else []
                blocks += [Columns(own, "truth", _columns(TRUTH_NAMES, truth[own]))] if own in truth else []
                made[own] = packed([*blocks, *spans], news=news) if blocks or spans or news else b""
            if made[own]:
                page.enqueue(made[own])
            if table:
                page.enqueue(table)
            if more:
                page.enqueue(more)

    def last(self) -> dict[str, Any]:
        """Each pump's last reading, as the table shows it."""
        return {pump: self._card(reading) for pump, reading in sorted(self._last.items())}

    def first(self) -> list[Message]:
        """What a page is given when it comes."""
        return [self._table(), dump(self._more()).decode()]

    def _table(self) -> str:
        pumps = self._links.keys() | self._last.keys()
        rows = {
            pump: {
                "link": self._link(self._links[pump]) if pump in self._links else None,
                "last": self._card(self._last[pump]) if pump in self._last else None,
                **self._row(pump, self._last.get(pump)),
            }
            for pump in sorted(pumps)
        }
        return dump({"pumps": rows, "now_s": round(self._clock().timestamp(), 3)}).decode()

    def _reading(self, reading: Reading) -> None:
        message, measured, pump = reading.message, reading.measured, reading.pump
        time_s = reading.utc.timestamp()
        flow, delivered = message.metered_flow_nl_h / 1000, message.metered_volume_nl / 1000
        nominal = reading.finding.reference_flow_nl_h * reading.speed_x / 1000 if reading.finding else NOTHING
        self._last[pump] = reading
        if any(page.watched == pump for page in self.pages):
            rows = self._raw.setdefault(pump, [])
            if len(rows) < RAW_MAX:
                rows.append((time_s, flow, _or(measured.probe_c), _or(measured.ambient_kpa), delivered, nominal))
        second = self._seconds.get(pump)
        if second is None or int(time_s) > second.start_s:
            if second and len(spans := self._closed.setdefault(pump, [])) < RAW_MAX:
                spans.append(second.span())
            second = self._seconds[pump] = OneSecondBin(int(time_s))
        second.add(flow, measured.probe_c, delivered, nominal)


def _inner(update: GroundTruth) -> tuple[float, ...]:
    t = update.message
    pressures = (t.vapour_pa / 1000, t.drive_pa / 1000, t.outlet_pa / 1000)
    temperatures = (t.skin_mc / 1000, t.core_mc / 1000, t.pump_mc / 1000)
    return (update.utc.timestamp(), *temperatures, *pressures, t.flow_nl_h / 1000)


def _columns(names: tuple[str, ...], rows: list[Any]) -> dict[str, list[float]]:
    return dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))


def _or(value: float | None) -> float:
    return NOTHING if value is None else value

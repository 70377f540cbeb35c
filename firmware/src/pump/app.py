"""The one loop: sample, step the model, tell the host, listen. All that happens on the board happens here in turn.

Two clocks: board time (uptime) drives sampling and the link; pump time runs `speed_x` times faster and drives the
physics, in steps of at most one second.
"""

from pump import codec, commands, config, declared, noise, sensor, store, telemetry
from pump.link import Link
from pump.meter import Meter
from pumpmodel.flags import EXPOSURE_ACTIVE, FAULT_ACTIVE
from pumpmodel.probe import Probe

VERSION = (0, 1, 0)
RING_MAX_BYTES = 64000
INFO_MS = 10000
TRUTH_MS = 500
STORE_MS = 60000
IDENTIFY_MS = 3000
_STEP_MS = 1000  # the longest model step, in pump time


class App:
    """The program's state. No properties: on MicroPython one of them makes every assignment to the object four times
    slower.
    """

    def __init__(self, board):
        self.board = board
        self.config, problems = config.load(board)
        self.totals = store.load(board)
        self.totals["boots"] += 1
        store.save(board, self.totals)
        self.boot = (self.totals["boots"], board.random_u32())
        noise.seed(self.config["seed"] or self.boot[1])
        self.pump = declared.make_pump(self.config, self.totals["level_nl"] or None)
        self.meter = Meter(self.config["meter_noise_permille"] / 1000, self.totals["metered_nl"])
        self.filled_nl, self.metered_at_fill_nl = self.pump.reservoir_nl, self.meter.total_nl
        self.link = Link(board, self.boot, min(RING_MAX_BYTES, board.free_heap() // board.heap_share))
        self._judge = Probe(self.config["place"])
        self.probe = sensor.make(self.config["sensor"], board, self.pump, self.config["probe_noise_mc"] / 1000)
        self._start_ticks = self._last_ticks = board.ticks_ms()
        self._uptime_ms = self.pump_time_ms = self.utc_offset_ms = 0
        self.commands_ok = self.late_samples = 0
        self._stepped_ms = self._due_ms = 0
        self._chores = [  # due at, every, what; the rarer ones first
            [STORE_MS, STORE_MS, self.keep],
            [INFO_MS, INFO_MS, self.send_info],
            [0, TRUTH_MS, self.send_truth],
        ]
        self._chore_ms = 0
        self._led_until_ms = 0
        self._exposed = self._probe_lost = self._probe_out = False
        self.fault_code = codec.FAULT_NONE
        self.status = 0
        self.send_hello()
        self.event(codec.EVENT_CODE_BOOT, board.reset_cause)
        for problem in problems:
            self.event(codec.EVENT_CODE_CONFIG_BAD, 0, problem)

    def run(self):
        while True:
            self.turn()

    def turn(self):
        """One round: whatever is due now, then sleep until something is."""
        board = self.board
        data = board.read()
        if data:
            for payload in self.link.receive(data):
                commands.execute(self, payload)
        now_ms = self.uptime_ms()
        if now_ms >= self._due_ms:
            self.sample(now_ms)
        unsent = self.link.service()
        pause_ms = self._due_ms - self.uptime_ms()
        if pause_ms > 0:
            board.wait(pause_ms, unsent)

    def uptime_ms(self):
        """Board time since boot. The port's ticks wrap every 12 days: their differences are added up."""
        ticks = self.board.ticks_ms()
        self._uptime_ms += self.board.ticks_diff(ticks, self._last_ticks)
        self._last_ticks = ticks
        return self._uptime_ms

    def sample(self, now_ms):
        """One reading, with everything else that the clock asks for.

        The model is stepped to the time when the reading was due, not to the millisecond when its turn came: with steps
        of one length it cruises, and a step costs a tenth.
        """
        interval_ms = 1000 // self.config["rate_hz"]
        behind_ms = now_ms - self._due_ms
        late = behind_ms > max(1, interval_ms // 10) and self._due_ms > 0
        self.late_samples += late
        at_ms = self._due_ms if behind_ms < interval_ms else now_ms
        dt_ms = (at_ms - self._stepped_ms) * self.config["speed_x"]
        self._stepped_ms = at_ms
        self._due_ms = at_ms + interval_ms
        temp_c, age_ms = self.probe.read()
        self.status = self._probe_status(temp_c) | (codec.STATUS_LATE if late else 0)
        self._advance(temp_c, dt_ms)
        self.link.record(telemetry.reading(self, now_ms, temp_c, age_ms))
        if dt_ms:  # the model's flags are those of its last step
            self._watch()
        self._housekeeping(now_ms)

    def _advance(self, temp_c, dt_ms):
        """Steps model and meter; the meter sees the mean of the steps, as an instrument would."""
        pump = self.pump
        if self.probe.code != codec.SENSOR_EMULATED:
            pump.touch(temp_c)
        self.pump_time_ms += dt_ms
        before_nl, left_ms = pump.pumped_nl, dt_ms
        while left_ms > 0:
            step_ms = min(left_ms, _STEP_MS)
            pump.step(step_ms / 1000)
            left_ms -= step_ms
        flow = pump.flow_nl_h if dt_ms <= _STEP_MS else (pump.pumped_nl - before_nl) * 3600000 / dt_ms
        self.meter.measure(flow, dt_ms)

    def _probe_status(self, temp_c):
        """What the probe is worth now, as status flags; a lost probe and its return are events."""
        lost = temp_c is None
        if lost != self._probe_lost:
            self._probe_lost = lost
            self.event(codec.EVENT_CODE_PROBE_LOST if lost else codec.EVENT_CODE_PROBE_BACK)
        judge = self._judge
        if not lost:
            judge.touch(temp_c, self.pump_time_ms)
        judge.expire(self.pump_time_ms)
        return (
            self.probe.status
            | (codec.STATUS_PROBE_FAULT | codec.STATUS_PROBE_HELD if lost else 0)
            | (codec.STATUS_PROBE_OUT if judge.out else 0)
            | (codec.STATUS_PROBE_RANGE if judge.out_of_band else 0)
        )

    def _watch(self):
        """Turns what changed by itself into events."""
        if self._judge.out != self._probe_out:
            self._probe_out = self._judge.out
            self.event(codec.EVENT_CODE_PROBE_OUT if self._probe_out else codec.EVENT_CODE_PROBE_IN)
        if self._exposed and not self.pump.flags & EXPOSURE_ACTIVE:
            self._exposed = False
            self.probe.exposed_skin_c = None
            self.event(codec.EVENT_CODE_EXPOSURE_ENDED)
        if self.fault_code and not self.pump.flags & FAULT_ACTIVE:
            self.fault_code = codec.FAULT_NONE
            self.event(codec.EVENT_CODE_FAULT_ENDED)

    def _housekeeping(self, now_ms):
        """At most one chore a reading: each is short, together they would make the next reading late."""
        if now_ms >= self._chore_ms:
            for chore in self._chores:
                if now_ms >= chore[0]:
                    chore[0] = now_ms + chore[1]
                    chore[2]()
                    break
            self._chore_ms = min([chore[0] for chore in self._chores])
        if self._led_until_ms:
            on = now_ms < self._led_until_ms
            self.board.led(on and now_ms // 100 % 2)
            self._led_until_ms = self._led_until_ms if on else 0

    def keep(self):
        """Totals to flash."""
        self.totals["metered_nl"] = self.meter.total_nl
        self.totals["level_nl"] = self.pump.reservoir_nl
        store.save(self.board, self.totals)

    def event(self, code, value=0, text=""):
        self.link.record(telemetry.event(self, code, value, text))

    def send_hello(self):
        self.link.send(telemetry.hello(self, VERSION))

    def send_truth(self):
        self.link.send(telemetry.truth(self))

    def send_info(self):
        self.link.send(telemetry.info(self))

    # what commands do

    def configure(self, given, event=codec.EVENT_CODE_CONFIG_SET, value=0):
        """Uses and keeps settings that were checked before."""
        changed = {key: given[key] for key in given if self.config[key] != given[key]}
        self.config.update(changed)
        config.save(self.board, self.config)
        declared.change_pump(self.pump, self.config)
        if "place" in changed:
            self._judge = Probe(self.config["place"])
        if "rate_hz" in changed:
            self._due_ms = self._stepped_ms + 1000 // self.config["rate_hz"]
        self.event(event, value, ", ".join(sorted(changed))[:200])
        self.send_info()

    def expose(self, duration_s, skin_c, core_c, ambient_kpa, outlet_kpa):
        if duration_s == 0:
            self.pump.end_exposure()
            return
        self.pump.expose(skin_c, core_c, ambient_kpa, outlet_kpa, duration_s=duration_s)
        self._exposed = True
        self.probe.exposed_skin_c = skin_c
        self.event(codec.EVENT_CODE_EXPOSURE_BEGAN, duration_s)

    def fault(self, fault, magnitude, duration_s):
        if fault == codec.FAULT_NONE:
            self.pump.end_faults()
            return
        self.pump.fault(declared.FAULTS[fault], magnitude, duration_s)
        self.fault_code = fault
        self.event(codec.EVENT_CODE_FAULT_BEGAN, fault)

    def refill(self, volume_nl):
        """Full, where no volume is given. An event tells the level in µL."""
        reservoir = self.pump.reservoir
        self.pump.refill(reservoir.capacity_nl if volume_nl is None else volume_nl)
        self._filled(codec.EVENT_CODE_REFILLED, self.pump.reservoir_nl)

    def withdraw(self, volume_nl):
        """All, where no volume is given. An event tells in µL what came out."""
        self._filled(codec.EVENT_CODE_WITHDRAWN, self.pump.withdraw(volume_nl))

    def flush(self, volume_nl):
        self.pump.flush(volume_nl)
        self._filled(codec.EVENT_CODE_FLUSHED, volume_nl)

    def _filled(self, event, volume_nl):
        self.filled_nl, self.metered_at_fill_nl = self.pump.reservoir_nl, self.meter.total_nl
        self.keep()
        self.event(event, volume_nl // 1000)
        self.send_info()

    def identify(self):
        self._led_until_ms = self.uptime_ms() + IDENTIFY_MS
        self.event(codec.EVENT_CODE_IDENTIFIED)

    def restart(self, forget):
        if forget:
            self.totals = {"boots": self.totals["boots"], "metered_nl": 0, "level_nl": 0}
            config.save(self.board, config.DEFAULTS)
            store.save(self.board, self.totals)
        else:
            self.keep()
        self.board.reset()

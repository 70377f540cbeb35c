"""The one loop: sample, step the model, tell the host, listen. All that happens on the board happens here in turn.

Two clocks: board time (uptime) drives sampling and the link; pump time runs `speed_x` times faster and drives the
physics, in steps of at most one second.
"""

from micropython import const

from pump import codec, commands, config, declared, fittings, noise, sensor, start, telemetry
from pump.air import Air
from pump.answers import Answers
from pump.contact import Contact
from pump.diary import Diary
from pump.guard import Guard
from pump.link import Link
from pump.meter import Meter
from pumpmodel.flags import EXPOSURE_ACTIVE

VERSION = (0, 1, 0)
_RING_MAX_BYTES = const(64000)
INFO_MS = 10000
TRUTH_MS = 500
_STORE_MS = const(60000)
_IDENTIFY_MS = const(3000)
_RESET_MS = const(250)  # from the command to the restart: its answer has to leave the port
_STEP_MS = const(1000)  # the longest model step, in pump time
_SPARE_MS = const(5)  # before the next reading: time enough to fetch a summary from flash
_CATCH_UP_MS = const(
    100
)  # beats that are no later are all taken, one after the other; a collection takes two at 100 Hz


class App:
    """The program's state. No properties: on MicroPython one of them makes every assignment to the object four times
    slower.
    """

    def __init__(self, board):
        self.board = board
        self.config, problems = config.load(board)
        self.answers = Answers()
        self.diary = Diary(board)
        self.boot = self.diary.boot
        self.link = Link(
            board, self.boot, min(_RING_MAX_BYTES, board.free_heap() * board.ring_percent // 100)
        )  # before parts
        totals = self.diary.totals
        noise.seed(self.config["seed"] or self.boot[1])
        self.pump = declared.make_pump(self.config, totals["level_nl"])
        self.meter = Meter(self.config["meter_noise_permille"] / 1000, totals["metered_nl"])
        self.filled_nl, self.metered_at_fill_nl = self.pump.reservoir_nl, self.meter.total_nl
        self.probe_c = None
        self.identify_until_ms, self.heard_ms = 0, -fittings.HOST_AWAY_MS
        self.config_bad = False
        self.status = 0
        self.fittings = fittings.Fittings(self)
        self.probe = self.fittings.probe
        for key, problem in (("speed_x", self.speed_problem), ("stepper_steps_per_ul", self.steps_problem)):
            words = problem(self.config)
            if words:
                self.config[key] = config.DEFAULTS[key]
                problems.append("%s: %s" % (key, words))
        self.config_bad = bool(problems)
        self.air = Air(self.pump, self.config)
        self.contact = Contact(self.pump, self.config, self.event)
        self._start_ticks = self._last_ticks = board.ticks_ms()
        self._uptime_ms = self.pump_time_ms = 0
        self._reset_ms = None  # when to restart
        self._forget = False
        self.commands_ok = self.late_samples = 0
        self._stepped_ms = self._beat_ms = self._worked_ms = 0
        # the rarer ones first: the others are soon due again
        self._chores = (
            (_STORE_MS, self.end_minute),
            (_STORE_MS, self.keep),
            (INFO_MS, self.send_info),
            (TRUTH_MS, self.send_truth),
        )
        self._chores_due_ms = [_STORE_MS, _STORE_MS, INFO_MS, 0]
        self._chore_ms = 0
        self._exposed = False
        self._skipped = 0  # steps of the stepper that were reported
        self.faults = 0  # those in force, bit n - 1 for fault n
        self.guard = Guard(self.event, self.uptime_ms)
        self.send_hello()
        self.event(codec.EVENT_CODE_BOOT, board.reset_cause, board.reset_words)
        problem = start.failure(board)
        if problem:
            self.event(codec.EVENT_CODE_TASK_FAILED, 0, problem)
        if self.diary.problem:
            self.guard.failed("boot count", self.diary.problem)
        self._tell_unfitted()
        for problem in problems:
            self.event(codec.EVENT_CODE_CONFIG_BAD, 0, problem[:200])

    def run(self):
        """For ever, under a watchdog. Ctrl-C ends it, and the watchdog: at the prompt nobody would feed it."""
        self.board.watch()
        try:
            while self._uptime_ms < start.SETTLED_MS:
                self.turn()
            start.settled(self.board)
            while True:
                self.turn()
        except KeyboardInterrupt:
            self.board.unwatch()
            raise

    def turn(self):
        """One round: whatever is due now, then sleep until something is. What fails is told, and the rest goes on."""
        board = self.board
        board.feed()
        now_ms = self.uptime_ms()
        if self._reset_ms is not None and now_ms >= self._reset_ms:
            self._reset()
        if now_ms >= self._beat_ms:  # before the commands: a reading does not wait for them
            try:
                self.sample(now_ms)
            except Exception as error:
                self.guard.failed("sampling", error)
                self._beat_ms = max(self._beat_ms, now_ms + 1000 // self.config["rate_hz"])
        try:
            data = board.read()
            if data:
                for payload in self.link.receive(data):
                    self.heard_ms = self._uptime_ms
                    commands.execute(self, payload)
        except Exception as error:
            self.guard.failed("commands", error)
        unsent = False
        try:
            unsent = self.link.service()
        except Exception as error:
            self.guard.failed("link", error)
        pause_ms = self._beat_ms - self.uptime_ms()
        if pause_ms >= fittings.LONGEST_STEP_MS or self._uptime_ms - self._worked_ms >= fittings.STARVED_MS:
            self._worked_ms = self._uptime_ms
            pause_ms = min(pause_ms, self.fittings.background.run(self._uptime_ms))
        if pause_ms > 0:
            if not unsent and pause_ms >= _SPARE_MS and self.diary.shelf.waiting():
                unsent = self.send_summary()
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
        of one length it cruises, and a step costs a tenth. A beat that was held up is not left out: its reading is
        late, says so, and tells its true time.
        """
        interval_ms = 1000 // self.config["rate_hz"]
        behind_ms = now_ms - self._beat_ms
        late = behind_ms > max(1, interval_ms // 10) and self._beat_ms > 0
        self.late_samples += late
        at_ms = self._beat_ms if behind_ms < max(interval_ms, _CATCH_UP_MS) else now_ms
        dt_ms = (at_ms - self._stepped_ms) * self.config["speed_x"]
        self._stepped_ms = at_ms
        self._beat_ms = at_ms + interval_ms
        try:
            temp_c, age_ms = self.probe.read(now_ms)
        except Exception as error:
            self.guard.failed("probe", error)
            temp_c = age_ms = None
        self.probe_c = temp_c
        self.status = (
            self.contact.take(self.probe, temp_c, now_ms, self.pump_time_ms)
            | self.air.take(self.fittings.barometer, now_ms)
            | (codec.STATUS_LATE if late else 0)
        )
        self._advance(temp_c, dt_ms)
        self.link.record(telemetry.reading(self, now_ms, temp_c, age_ms))
        self.diary.minutes.add(temp_c, self.meter.flow_nl_h, self.status)
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

    def _watch(self):
        """Turns what changed by itself into events."""
        self.contact.tell()
        if self._exposed and not self.pump.flags & EXPOSURE_ACTIVE:
            self._exposed = False
            self.probe.exposed_skin_c = None
            self.event(codec.EVENT_CODE_EXPOSURE_ENDED)
        if self.faults:
            for fault, kind in declared.FAULTS.items():
                if self.faults & 1 << fault - 1 and not self.pump.fault_magnitude(kind):
                    self.faults &= ~(1 << fault - 1)
                    self.event(codec.EVENT_CODE_FAULT_ENDED, fault)

    def _housekeeping(self, now_ms):
        """At most one chore a reading: each is short, together they would make the next reading late."""
        if now_ms >= self._chore_ms:
            due_ms = self._chores_due_ms
            for i, (every_ms, do) in enumerate(self._chores):
                if now_ms >= due_ms[i]:
                    due_ms[i] = now_ms + every_ms
                    try:
                        do()
                    except Exception as error:
                        self.guard.failed("housekeeping", error)
                    break
            self._chore_ms = min(due_ms)

    def keep(self):
        """Totals to flash."""
        self.diary.keep(self.meter.total_nl, self.pump.reservoir_nl)

    def end_minute(self):
        """The minute's summary to flash, if nobody listened."""
        self.diary.end_minute(self.uptime_ms(), self.pump_time_ms, self.meter.total_nl, self.link.ring.dropped)
        stepper = self.fittings.stepper
        if stepper and stepper.skipped > self._skipped:
            self._skipped = stepper.skipped
            text = "stepper: %d steps skipped: the flow is too fast for it" % stepper.skipped
            self.event(codec.EVENT_CODE_TASK_FAILED, 0, text)

    def send_summary(self):
        """One of those that the host has asked for; True if there was one to send."""
        try:
            payload = self.diary.shelf.take()
        except Exception as error:
            self.guard.failed("summaries", error)
            return False
        if payload:
            self.link.send(payload)
        return payload is not None

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
        following = dict(self.config)
        following.update(changed)
        config.save(self.board, following)  # first: what the flash refuses is not used
        self.config.update(changed)
        declared.change_pump(self.pump, self.config)
        self.config_bad = False
        if "place" in changed:
            self.contact.begin(self.uptime_ms())
        if "calibration" in changed:
            self.probe.calibrate(self.config["calibration"])
        if any(key in fittings.KEYS for key in changed):
            self._fit()
        if "rate_hz" in changed:
            self._beat_ms = self._stepped_ms + 1000 // self.config["rate_hz"]
        self.event(event, value, ", ".join(sorted(changed))[:200])
        self.send_info()

    def _fit(self):
        """Looks again what is wired to the board."""
        self.fittings.close()
        self.fittings = fittings.Fittings(self)
        self._skipped = 0
        self.air.forget()
        self.use_probe(self.fittings.probe)
        self._tell_unfitted()

    def _tell_unfitted(self):
        for error in self.fittings.problems:
            self.guard.failed("parts", error)

    def use_probe(self, probe):
        """This one measures from now on."""
        probe.exposed_skin_c = self.probe.exposed_skin_c
        self.probe = probe
        self.contact.begin(self.uptime_ms())
        fastest, why = self._fastest_x(self.config["sensor"])
        if self.config["speed_x"] > fastest:
            self.config["speed_x"] = fastest
            self.event(codec.EVENT_CODE_SPEED_SET, fastest, "at most %d %s" % (fastest, why))

    def speed_problem(self, given):
        """Why these settings ask for too fast a pump time, in words, or None."""
        fastest, why = self._fastest_x(given.get("sensor", self.config["sensor"]))
        too_fast = given.get("speed_x", self.config["speed_x"]) > fastest
        return "at most %d %s" % (fastest, why) if too_fast else None

    def steps_problem(self, given):
        """Why the stepper cannot keep up with these settings, in words, or None."""
        rig = dict(self.config)
        rig.update(given)
        if not rig["stepper"]:
            return None
        from parts import stepper  # loaded only where there is one: memory

        return stepper.problem(rig["stepper_steps_per_ul"], self.pump.reference_flow_nl_h, rig["speed_x"])

    def _fastest_x(self, sensor_name):
        code = self.probe.code
        found = code not in (codec.SENSOR_NONE, codec.SENSOR_EMULATED)
        real = found if sensor_name == "auto" else sensor_name != "emulated"
        return config.fastest_x(self.board.platform in (codec.PLATFORM_RP2040, codec.PLATFORM_RP2350), real)

    def probe_found(self):
        """One was plugged in while the board ran."""
        self.use_probe(self.fittings.probe)
        self.event(codec.EVENT_CODE_PROBE_BACK, 0, self.probe.name + " found")
        self.send_info()

    def delivered_nl(self):
        return self.pump.delivered_nl

    def calibrate(self, key, true_mc):
        """The probe's present reading is this temperature. Raises ValueError in words for what is no calibration."""
        self.configure({"calibration": sensor.calibrated(self.config, self.probe, key, true_mc, self.uptime_ms())})

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
        if magnitude:  # none ends one that is in force
            self.faults |= 1 << fault - 1
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
        try:
            self.keep()
        except OSError as error:  # it is done all the same; the totals are written each minute
            self.guard.failed("totals", error)
        self.event(event, volume_nl // 1000)
        self.send_info()

    def identify(self):
        self.identify_until_ms = self.uptime_ms() + _IDENTIFY_MS
        self.event(codec.EVENT_CODE_IDENTIFIED)

    def restart(self, forget):
        """Soon, when the answer has left the port."""
        self._reset_ms, self._forget = self.uptime_ms() + _RESET_MS, forget

    def _reset(self):
        self._reset_ms = None
        try:
            self._keep_for_restart()
        except OSError as error:
            self.guard.failed("restart", error)
            return
        self.board.reset()

    def _keep_for_restart(self):
        if self._forget:
            config.save(self.board, config.DEFAULTS)
            self.diary.forget()
        else:
            self.keep()

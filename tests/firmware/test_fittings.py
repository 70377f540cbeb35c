"""A rig with parts on it: found by reading them, told in HELLO, lost without an invented value, calibrated, muted."""

import json

import pytest
from firmware_on_cpython import PaperBoard, Rig
from parts.led import PATTERNS
from simulated_parts import Adc, I2c, Wire, bmp280, divider, tmp117

from pump.config import PIN_NAMES
from pumplink import messages as m
from pumplink.codes import ErrorCode, EventCode, Fitted, Sensor, Status


class Tone:
    def __init__(self) -> None:
        self.duty = 0

    def freq(self, hz: int) -> None:
        pass

    def duty_u16(self, duty: int) -> None:
        self.duty = duty


def rig(parts: dict[str, object], **settings: object) -> Rig:
    board = PaperBoard({"config.json": json.dumps(settings).encode()})
    board.wired = parts
    return Rig(board)


def of(kind: type, said: list[m.Message]) -> list:
    return [message for message in said if isinstance(message, kind)]


def events(said: list[m.Message], code: EventCode) -> list[m.Event]:
    return [event for event in of(m.Event, said) if event.code == code]


def hello(bench: Rig) -> m.Hello:
    return of(m.Hello, bench.send(m.HelloRequest(1, None)))[0]


EVERYTHING = {"one_wire": Wire(), "i2c": I2c({0x48: tmp117(36.5)}), "adc": Adc(divider(36.0))}
WITHOUT = {
    Sensor.DS18B20: (),
    Sensor.TMP117: ("one_wire",),
    Sensor.NTC: ("one_wire", "i2c"),
    Sensor.EMULATED: ("one_wire", "i2c", "adc"),
}


@pytest.mark.parametrize("sensor", WITHOUT)
def test_auto_takes_the_first_probe_that_answers(sensor: Sensor) -> None:
    bench = rig({name: part for name, part in EVERYTHING.items() if name not in WITHOUT[sensor]})
    assert hello(bench).sensor == sensor


def test_the_die_sensor_is_the_last_resort() -> None:
    board = PaperBoard()
    board.die_c = 31.0
    bench = Rig(board)
    readings = of(m.Telemetry, bench.run_ms(1000))
    assert hello(bench).sensor == Sensor.DIE
    assert readings[-1].probe_mc == 31_000
    assert readings[-1].status & Status.PROBE_ILLUSTRATIVE


def test_a_probe_drives_the_model_and_says_its_age() -> None:
    wire = Wire()
    wire.water_c = 40.0
    bench = rig({"one_wire": wire})
    said = bench.run_ms(3000)
    assert not events(said, EventCode.PROBE_LOST)
    good = [reading for reading in of(m.Telemetry, said) if reading.probe_mc is not None]
    assert {reading.probe_mc for reading in good} == {40_000}
    assert all(reading.probe_age_ms <= 1000 for reading in good)
    assert max(reading.probe_age_ms for reading in good) > 500
    assert good[0].uptime_ms < 1000
    assert bench.app.pump.skin_c > 34.0


def test_an_unplugged_probe_is_an_event_within_3_s_is_held_and_then_given_up() -> None:
    wire = Wire()
    wire.water_c = 40.0
    bench = rig({"one_wire": wire}, probe_hold_s=5)
    bench.run_ms(5000)
    unplugged_ms = bench.board.now_ms
    wire.there = False
    said = bench.run_ms(9000)
    [lost] = events(said, EventCode.PROBE_LOST)
    assert lost.uptime_ms - unplugged_ms <= 3000
    assert "ds18b20: no answer" in lost.text
    after = [reading for reading in of(m.Telemetry, said) if reading.uptime_ms > lost.uptime_ms]
    assert {reading.probe_mc for reading in after} == {None}
    assert {reading.probe_age_ms for reading in after} == {None}
    assert all(reading.status & Status.PROBE_FAULT for reading in after)
    held = [bool(reading.status & Status.PROBE_HELD) for reading in after]
    assert held[0]
    assert not held[-1]
    until_ms = after[held.index(False)].uptime_ms
    assert lost.uptime_ms + 2000 < until_ms <= lost.uptime_ms + 5100
    skin_c = bench.app.pump.skin_c
    bench.run_ms(60_000)
    assert bench.app.pump.skin_c < skin_c  # rest
    wire.there = True
    said = bench.run_ms(3000)
    assert len(events(said, EventCode.PROBE_BACK)) == 1
    assert of(m.Telemetry, said)[-1].probe_mc == 40_000


def test_a_probe_that_was_never_there_is_lost_and_nothing_is_held() -> None:
    wire = Wire()
    wire.there = False
    bench = rig({"one_wire": wire}, sensor="ds18b20")
    said = bench.run_ms(3000)
    assert len(events(said, EventCode.PROBE_LOST)) == 1
    assert {reading.probe_mc for reading in of(m.Telemetry, said)} == {None}
    assert not any(reading.status & Status.PROBE_HELD for reading in of(m.Telemetry, said))


def test_a_sensor_that_the_board_has_no_pin_for_makes_no_temperature_up() -> None:
    for sensor in ("ds18b20", "tmp117", "ntc"):
        said = rig({}, sensor=sensor).run_ms(3000)
        assert {reading.probe_mc for reading in of(m.Telemetry, said)} == {None}
        assert "no such pin" in events(said, EventCode.PROBE_LOST)[0].text


def test_a_probe_that_is_plugged_in_later_is_found() -> None:
    wire = Wire()
    wire.there = False
    bench = rig({"one_wire": wire})
    bench.run_ms(5000)
    wire.there = True
    said = bench.run_ms(8000)
    assert [event.text for event in events(said, EventCode.PROBE_BACK)] == ["ds18b20 found"]
    assert of(m.Info, said)[-1].sensor == Sensor.DS18B20
    assert of(m.Telemetry, said)[-1].probe_mc == 34_000


def test_fitted_tells_what_answers_and_what_is_configured() -> None:
    assert hello(rig({})).fitted == 0
    bus = I2c({0x76: bmp280()})
    outputs = {"buzzer": Tone(), "drip": lambda on: None, "step": lambda us: None}
    assert hello(rig({"i2c": bus, **outputs})).fitted == Fitted.BAROMETER
    settings = {"buzzer": True, "drip": True, "stepper": True}
    all_three = Fitted.BUZZER | Fitted.DRIP_LED | Fitted.STEPPER
    assert hello(rig(outputs, **settings)).fitted == all_three
    assert hello(rig({}, **settings)).fitted == 0  # the board has no such pins


def test_a_barometer_gives_the_ambient_pressure_and_drives_the_model() -> None:
    bus = I2c({0x77: bmp280()})
    bench = rig({"i2c": bus}, probe_hold_s=5)
    reading = of(m.Telemetry, bench.run_ms(3000))[-1]
    assert reading.ambient_pa == pytest.approx(100_653, abs=1)
    assert bench.app.pump.ambient_kpa == pytest.approx(100.653, abs=0.02)
    bus.at = {}
    reading = of(m.Telemetry, bench.run_ms(4500))[-1]
    assert reading.ambient_pa is None
    assert reading.status & Status.BAROMETER_FAULT
    assert bench.app.pump.ambient_kpa == pytest.approx(100.653, abs=0.02)
    bench.run_ms(6000)
    assert bench.app.pump.ambient_kpa == 101.325


def test_two_points_calibrate_a_probe_and_are_kept() -> None:
    wire = Wire()
    bench = rig({"one_wire": wire})
    bench.run_ms(2000)
    assert of(m.Ack, bench.send(m.Calibrate(1, 0, 34_200)))
    wire.water_c = 41.0
    bench.run_ms(3000)
    assert of(m.Ack, bench.send(m.Calibrate(2, 1, 41_100)))
    reading = of(m.Telemetry, bench.run_ms(1000))[-1]
    assert reading.probe_mc == 41_100
    again = Rig(PaperBoard(bench.board.files))
    assert again.app.config["calibration"] == {"sensor": "ds18b20", "low": [34_000, 34_200], "high": [41_000, 41_100]}


@pytest.mark.parametrize(
    ("command", "error", "word"),
    [
        (m.Calibrate(1, 2, 34_000), ErrorCode.BAD_VALUE, "0 (lower) or 1"),
        (m.Calibrate(1, 0, 44_000), ErrorCode.BAD_VALUE, "more than 5 degC off"),
        (m.Mute(1, 60), ErrorCode.NOT_SUPPORTED, "buzzer"),
    ],
)
def test_nonsense_is_refused_in_words(command: m.Message, error: ErrorCode, word: str) -> None:
    bench = rig({"one_wire": Wire()})
    bench.run_ms(2000)
    [nack] = of(m.Nack, bench.send(command))
    assert nack.error == error
    assert word in nack.text
    assert bench.app.config["calibration"] == {}


def test_without_a_valid_reading_there_is_no_calibration() -> None:
    [nack] = of(m.Nack, rig({"one_wire": Wire()}).send(m.Calibrate(1, 0, 34_000)))
    assert "no valid reading" in nack.text


def test_the_buzzer_sounds_for_a_lost_probe_until_it_is_muted() -> None:
    wire, tone = Wire(), Tone()
    wire.there = False
    bench = rig({"one_wire": wire, "buzzer": tone}, sensor="ds18b20", buzzer=True)
    heard = 0
    while bench.board.now_ms < 3000:
        bench.run_ms(20)
        heard = max(heard, tone.duty)
    assert heard
    bench.send(m.Mute(3, 60))
    while bench.board.now_ms < 40_000:
        bench.run_ms(20)
        assert not tone.duty


def test_outputs_are_switched_while_the_board_runs() -> None:
    tone = Tone()
    bench = rig({"buzzer": tone})
    said = bench.send(m.SetConfig(1, '{"buzzer": true}'))
    assert of(m.Info, said)[0].fitted == Fitted.BUZZER
    tone.duty = 1
    said = bench.send(m.SetConfig(2, '{"buzzer": false}'))
    assert of(m.Info, said)[0].fitted == 0
    assert tone.duty == 0


@pytest.mark.parametrize(
    ("key", "value", "word"),
    [
        ("sensor", "thermocouple", "ds18b20"),
        ("pins", {"heater": 3}, "heater"),
        ("pins", {"ntc": 4}, "26 to 28"),
        ("pins", {"drip": 25}, "0 to 13, 15 to 22"),
        ("pins", {"drip": 2, "buzzer": 2}, "two names"),
        ("pins", {"i2c_sda": 6}, "bus"),
        ("pins", {"i2c_sda": 6, "i2c_scl": 9}, "bus"),
        ("ntc_steinhart", [1, 2, 3], "10k"),
        ("ntc_beta", 395, "2000 to 5000"),
        ("oled", 1, "true or false"),
        ("calibration", {"low": [0, 30_000]}, "off"),
    ],
)
def test_a_bad_setting_of_a_part_is_refused_by_name(key: str, value: object, word: str) -> None:
    [nack] = of(m.Nack, rig({}).send(m.SetConfig(5, json.dumps({key: value}))))
    assert key in nack.text
    assert word in nack.text


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("pins", {"i2c_sda": 6, "i2c_scl": 7, "ntc": 27, "drip": 0}),
        ("ntc_steinhart", [1.129241e-3, 2.341077e-4, 8.775468e-8]),
        ("ntc_steinhart", []),
        ("calibration", {}),
    ],
)
def test_a_good_setting_of_a_part_is_taken(key: str, value: object) -> None:
    assert of(m.Ack, rig({}).send(m.SetConfig(5, json.dumps({key: value}))))


def test_all_settings_fit_into_one_answer() -> None:
    names = dict(zip(PIN_NAMES, (0, 2, 3, 26, 4, 6, 7, 8), strict=True))
    settings = {"pins": names, "ntc_steinhart": [1.129241e-3, 2.341077e-4, 8.775468e-8], "rig_name": "a" * 16}
    settings["calibration"] = {"sensor": "ds18b20", "low": [34_000, 34_200], "high": [41_000, 41_100]}
    bench = rig({}, **settings)
    [ack] = of(m.Ack, bench.send(m.GetConfig(1, "")))
    assert json.loads(ack.text)["pins"] == names


def test_the_led_tells_a_lost_probe_before_a_missing_host() -> None:
    states = list(PATTERNS)
    wire = Wire()
    wire.there = False
    bench = rig({"one_wire": wire}, sensor="ds18b20")
    bench.run_ms(3000)
    assert bench.app.fittings.state() == "probe_lost"
    wire.there = True
    bench.run_ms(3000)
    assert bench.app.fittings.state() == "no_host"
    bench.send(m.Ping(1))
    assert bench.app.fittings.state() == "ok"
    bench.send(m.Identify(2))
    assert bench.app.fittings.state() == "identify"
    assert states.index("probe_lost") < states.index("no_host")


def test_a_part_that_can_not_be_fitted_is_told_and_stops_no_boot() -> None:
    class Broken:
        def duty_u16(self, duty: int) -> None:
            raise ValueError("no such slice")

    bench = rig({"buzzer": Broken(), "drip": lambda on: None}, buzzer=True, drip=True)
    said = bench.run_ms(500)
    [failed] = events(said, EventCode.TASK_FAILED)
    assert "no such slice" in failed.text
    assert hello(bench).fitted == Fitted.DRIP_LED
    assert of(m.Telemetry, said)


def test_a_host_that_keeps_the_loop_busy_does_not_cost_the_probe() -> None:
    class Busy(PaperBoard):
        """Each look at the port takes 30 ms: no reading leaves any time over."""

        def read(self) -> bytes:
            self.now_ms += 30
            return super().read()

    board = Busy({"config.json": b'{"rate_hz": 50}'})
    board.wired = {"one_wire": Wire()}
    said = Rig(board).run_ms(10_000)
    assert not events(said, EventCode.PROBE_LOST)
    assert of(m.Telemetry, said)[-1].probe_mc == 34_000

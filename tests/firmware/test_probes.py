"""The drivers of probes, on buses of paper: a good value is passed on with its age, else there is a word and none."""

import pytest
from parts.bmp280 import Bmp280
from parts.die import Die
from parts.ds18b20 import Ds18b20, crc8
from parts.ntc import Ntc
from parts.tmp117 import Tmp117
from simulated_parts import Adc, I2c, Wire, bmp280, divider, raw16, tmp117


def work(part, from_ms: int, to_ms: int) -> int:
    """Lets a part work as the loop does; the longest row of steps without a pause."""
    due_ms, row, longest = from_ms, 0, 0
    while due_ms <= to_ms:
        pause_ms = part.step(due_ms)
        row = 0 if pause_ms else row + 1
        longest = max(longest, row)
        due_ms += max(1, pause_ms)
    return longest


def test_the_crc_is_that_of_the_data_sheet() -> None:
    assert crc8(bytes((0x02, 0x1C, 0xB8, 0x01, 0, 0, 0))) == 0xA2  # Ref: Maxim application note 27


def test_a_ds18b20_gives_its_temperature_with_the_age_of_the_conversion() -> None:
    wire = Wire()
    probe = Ds18b20(wire)
    assert probe.found()
    assert probe.read(0) == (None, None)
    work(probe, 0, 770)
    assert probe.read(900) == (34.0, 140)
    assert probe.fault == ""
    wire.water_c = -10.125
    work(probe, 800, 2000)
    assert probe.read(2000)[0] == -10.125


def test_no_step_of_a_ds18b20_reads_more_than_three_bytes() -> None:
    class Counted(Wire):
        read = 0

        def readbyte(self) -> int:
            self.read += 1
            return super().readbyte()

    wire = Counted()
    probe = Ds18b20(wire)
    for now_ms in range(0, 3000, 5):
        wire.read = 0
        sent = len(wire.commands)
        probe.step(now_ms)
        assert wire.read <= 3
        assert len(wire.commands) - sent <= 2


LOSSES = {
    "unplugged": (lambda wire: setattr(wire, "there", False), "no answer"),
    "shorted": (lambda wire: setattr(wire, "shorted", True), "shorted"),
    "noisy": (lambda wire: setattr(wire, "flip", 1), "CRC"),
}


@pytest.mark.parametrize("loss", LOSSES)
def test_a_ds18b20_that_is_lost_has_no_value_within_3_s_and_never_another_one(loss: str) -> None:
    wire = Wire()
    probe = Ds18b20(wire)
    work(probe, 0, 2000)
    lose, word = LOSSES[loss]
    lose(wire)
    wire.water_c = 40.0
    for now_ms in range(2001, 5001, 50):
        probe.step(now_ms)
        assert probe.read(now_ms)[0] in (34.0, None)
    assert probe.read(5001) == (None, None)
    assert word in probe.fault


def test_one_failed_conversion_is_no_loss() -> None:
    wire = Wire()
    probe = Ds18b20(wire)
    work(probe, 0, 1600)
    wire.flip = 1
    work(probe, 1601, 2400)
    wire.flip = 0
    for now_ms in range(2401, 5000, 20):
        probe.step(now_ms)
        assert probe.read(now_ms)[0] == 34.0


def test_the_power_on_value_of_a_ds18b20_is_no_temperature() -> None:
    wire = Wire()
    probe = Ds18b20(wire)
    probe.step(0)
    wire.raw = raw16(85.0, 16)  # it lost its supply while it converted
    work(probe, 760, 770)
    assert probe.read(800) == (None, None)
    assert "power-on" in probe.fault


def test_water_that_is_really_at_85_degc_is_believed() -> None:
    wire = Wire()
    probe = Ds18b20(wire)
    wire.water_c = 84.5
    work(probe, 0, 1000)
    wire.water_c = 85.0
    work(probe, 1000, 2600)
    assert probe.read(2600)[0] == 85.0


def test_a_line_that_reads_all_zeros_is_no_probe_though_its_crc_is_good() -> None:
    wire = Wire()
    wire.readbyte = lambda: 0  # type: ignore[method-assign]
    assert not Ds18b20(wire).found()


@pytest.mark.parametrize("temp_c", [36.6015625, 0.0, -12.5])
def test_a_tmp117_gives_its_temperature(temp_c: float) -> None:
    probe = Tmp117(I2c({0x48: tmp117(temp_c)}))
    assert probe.found()
    probe.step(1000)
    assert probe.read(1050) == (temp_c, 50)


def test_a_tmp117_that_converts_no_more_is_lost() -> None:
    bus = I2c({0x48: tmp117(36.5)})
    probe = Tmp117(bus)
    probe.step(0)
    bus.at[0x48][0x01] = b"\x02\x20"
    work(probe, 100, 2200)
    assert probe.read(2200) == (None, None)


def test_a_tmp117_that_is_unplugged_or_has_not_converted_gives_no_value() -> None:
    assert not Tmp117(I2c({})).found()
    probe = Tmp117(I2c({0x48: tmp117(-256.0)}))
    probe.step(0)
    assert probe.read(0) == (None, None)
    assert "converted" in probe.fault
    probe = Tmp117(I2c({}))
    probe.step(0)
    assert "no answer" in probe.fault


@pytest.mark.parametrize("temp_c", [5.0, 25.0, 37.0, 45.0])
def test_a_thermistor_by_its_beta(temp_c: float) -> None:
    probe = Ntc(Adc(divider(temp_c)), 3950)
    probe.step(0)
    assert probe.read(0)[0] == pytest.approx(temp_c, abs=1e-6)


def test_a_thermistor_by_steinhart_and_hart() -> None:
    # Ref: a published table of a 10k part (10.000, 6.530, 5.327 and 4.369 kOhm at 25, 35, 40 and 45 degC)
    for temp_c, ohm in ((25, 10_000), (35, 6530), (40, 5327), (45, 4369)):
        probe = Ntc(Adc(ohm / (ohm + 4_700)), 3950, (1.129241e-3, 2.341077e-4, 8.775468e-8))
        probe.step(0)
        assert probe.read(0)[0] == pytest.approx(temp_c, abs=0.05)


@pytest.mark.parametrize(("fraction", "word"), [(0.0, "short"), (0.02, "short"), (0.98, "open"), (1.0, "open")])
def test_a_thermistor_that_is_shorted_or_open_is_told_by_its_voltage(fraction: float, word: str) -> None:
    probe = Ntc(Adc(fraction), 3950)
    assert not probe.found()
    probe.step(0)
    assert probe.read(0) == (None, None)
    assert word in probe.fault


def test_a_free_pin_is_no_thermistor() -> None:
    assert Ntc(Adc(0.4), 3950).found()
    assert not Ntc(Adc(0.4, floats=True), 3950).found()


class Chip:
    temp_c: float | None = 31.0

    def die_temp_c(self) -> float | None:
        return self.temp_c


def test_the_die_sensor_is_illustrative_and_may_be_absent() -> None:
    chip = Chip()
    die = Die(chip)
    die.step(0)
    assert die.read(100) == (31.0, 100)
    assert die.status == 16
    chip.temp_c = None
    assert not Die(chip).found()


@pytest.mark.parametrize("address", [0x76, 0x77])
@pytest.mark.parametrize("chip", [0x58, 0x60])
def test_a_barometer_gives_the_data_sheets_worked_example(address: int, chip: int) -> None:
    bus = I2c({address: bmp280(chip=chip)})
    barometer = Bmp280(bus)
    assert barometer.found()
    assert barometer.step(0) == 50
    assert bus.writes == [(address, 0xF4, b"\x55")]
    barometer.step(50)
    pressure_pa, age_ms = barometer.read(60)
    assert pressure_pa == pytest.approx(100653.27, abs=0.3)
    assert age_ms == 10


def test_another_part_at_the_barometers_address_is_none() -> None:
    assert not Bmp280(I2c({0x76: bmp280(chip=0x55)})).found()


def test_a_barometer_that_is_unplugged_is_lost_and_comes_back_as_another_one() -> None:
    bus = I2c({0x76: bmp280()})
    barometer = Bmp280(bus)
    work(barometer, 0, 2100)
    bus.at = {}
    work(barometer, 2101, 6000)
    assert barometer.read(6000) == (None, None)
    bus.at = {0x77: bmp280(raw_p=400000)}
    work(barometer, 6001, 8000)
    assert barometer.read(8000)[0] == pytest.approx(103_500, rel=0.02)


def test_what_a_barometer_holds_before_it_measured_is_no_pressure() -> None:
    barometer = Bmp280(I2c({0x76: bmp280(raw_p=0x80000)}))
    work(barometer, 0, 100)
    assert barometer.read(100) == (None, None)

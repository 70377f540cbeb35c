"""The electrical rule check: each rule is a function of a build that yields what is wrong, naming the place.

Levels, pull-ups, supplies, I2C addresses, ADC pins and currents, by the figures of parts.py. It knows no simulation:
what a data sheet's worst case does not forbid passes.
"""

from collections.abc import Iterator
from pathlib import Path

from rig import firmware, parts
from rig.netlist import NETS, PARTS, kind_of, net_at, nets_of, ohm, parts_of

HERE = "hardware/rig/netlist.py"
PULL_UPS = {
    "one_wire": (1e3, 5e3),
    "i2c_sda": (1e3, 10e3),
    "i2c_scl": (1e3, 10e3),
}  # ohm; 1-Wire: about 5k, its data sheet
STEP_PULSE_US = 1.0  # Ref: A4988 data sheet, timing: STEP high at least 1 us
ADC_PINS = (26, 27, 28)


def names(build: str) -> Iterator[str]:
    """Pins that do not exist, that are named twice, nets with one end."""
    seen: dict[str, str] = {}
    for net, text in NETS.items():
        for pin in text.split():
            ref, _, name = pin.partition(".")
            if ref not in PARTS or name not in parts.KINDS[PARTS[ref].kind].pins:
                yield f"{HERE} NETS[{net!r}]: there is no pin {pin}"
            if pin in seen:
                yield f"{HERE} NETS[{net!r}]: {pin} is on {seen[pin]} already"
            seen[pin] = net
    for net, pins in nets_of(build).items():
        if len(pins) < 2:
            yield f"{HERE} NETS[{net!r}]: in the {build} build it has one end only, {pins[0]}"


def open_pins(build: str) -> Iterator[str]:
    """Every pin that must not float is on a net."""
    if build == "bare":
        return
    nets = net_at(build)
    for ref, part in parts_of(build).items():
        for name, pin in parts.KINDS[part.kind].pins.items():
            if f"{ref}.{name}" not in nets and pin.kind not in (parts.FREE, parts.GPIO):
                yield f"{HERE}: {ref}.{name} ({pin.kind}) is not connected in the {build} build"


def supplies(build: str) -> Iterator[str]:
    """One source a net, within what each part allows; ground is ground."""
    volts = _volts(build)
    for net, pins in nets_of(build).items():
        sources = [pin for pin in pins if kind_of(pin).kind == parts.POWER_OUT]
        if len(sources) > 1:
            yield f"{HERE} NETS[{net!r}]: two sources meet, {' and '.join(sources)}"
        for pin in pins:
            kind = kind_of(pin)
            if kind.kind == parts.POWER_IN and not kind.volt[0] <= volts.get(net, 0.0) <= kind.volt[1]:
                low, high = kind.volt
                yield f"{HERE} NETS[{net!r}]: {pin} needs {low} to {high} V, gets {volts.get(net, 0.0)}"
            if kind.kind == parts.GROUND and net != "GND":
                yield f"{HERE} NETS[{net!r}]: {pin} is a ground pin"


def levels(build: str) -> Iterator[str]:
    """No signal rises above what a pin on it stands (3.3 V logic), and a high is high enough."""
    for net, pins in nets_of(build).items():
        high_v = max([_volts(build).get(net, 0.0)] + [volt for _, volt in _pulls(build, net)])
        if any(kind_of(pin).kind == parts.GPIO for pin in pins):
            high_v = max(high_v, parts.LOGIC_V)
        driven = any(kind_of(pin).kind == parts.GPIO for pin in pins) and net not in PULL_UPS
        for pin in pins:
            kind = kind_of(pin)
            if kind.kind not in (parts.GPIO, parts.INPUT, parts.OPEN_DRAIN):
                continue
            if high_v > kind.volt[1]:
                yield f"{HERE} NETS[{net!r}]: {high_v} V on {pin}, which stands {kind.volt[1]} V"
            if driven and kind.kind == parts.INPUT and kind.volt[0] > parts.GPIO_OUT_HIGH_V:
                yield f"{HERE} NETS[{net!r}]: {pin} wants {kind.volt[0]} V, a GPIO gives {parts.GPIO_OUT_HIGH_V} V"


def pull_ups(build: str) -> Iterator[str]:
    """Every open-drain net has a resistor of its own to 3V3, strong enough alone and weak enough with the modules'."""
    for net, pins in nets_of(build).items():
        if not any(kind_of(pin).kind == parts.OPEN_DRAIN for pin in pins):
            continue
        low, high = PULL_UPS[net]
        own = [(ref, value) for ref, value in _resistors(build, net, "3V3")]
        if len(own) != 1:
            found = ", ".join(ref for ref, _ in own) or "none"
            yield f"{HERE} NETS[{net!r}]: one pull-up resistor to 3V3 is wanted in {build}, found {found}"
            continue
        ref, value = own[0]
        if not low <= value <= high:
            yield f"{HERE} PARTS[{ref!r}]: {value:.0f} ohm as the pull-up of {net}, {low:.0f} to {high:.0f} allowed"
        if net.startswith("i2c"):
            yield from _i2c_bus(build, net, ref, value, pins)


def _i2c_bus(build: str, net: str, ref: str, value: float, pins: list[str]) -> Iterator[str]:
    together = 1 / sum(1 / each for each, _ in _pulls(build, net))
    sink_ma = 1000 * (parts.LOGIC_V - 0.4) / together
    if sink_ma > parts.I2C_SINK_MA:
        yield f"{HERE} PARTS[{ref!r}]: {net} pulls {sink_ma:.1f} mA with the modules' own, {parts.I2C_SINK_MA} allowed"
    bus_pf = parts.I2C_WIRE_PF + parts.I2C_PIN_PF * sum(
        kind_of(pin).kind in (parts.OPEN_DRAIN, parts.GPIO) for pin in pins
    )
    rise_ns = 0.8473 * value * bus_pf / 1000
    if rise_ns > parts.I2C_RISE_NS:
        alone = f"rises in {rise_ns:.0f} ns with {value:.0f} ohm alone"
        yield f"{HERE} PARTS[{ref!r}]: {net} {alone}, {parts.I2C_RISE_NS:.0f} allowed"


def i2c(build: str, root: Path) -> Iterator[str]:
    """Addresses do not clash, and the driver asks that address."""
    asked = firmware.addresses(root)
    taken: dict[int, str] = {}
    for ref, part in parts_of(build).items():
        address = parts.KINDS[part.kind].address
        if address is None:
            continue
        if address in taken:
            both = f"{ref} and {taken[address]} both answer at 0x{address:02X}"
            yield f"hardware/rig/parts.py: {both} in the {build} build"
        taken[address] = ref
        if address not in asked[part.kind]:
            there = f"where {ref} answers by hardware/rig/parts.py"
            yield f"firmware/src/parts/{part.kind}.py: asks no 0x{address:02X}, {there}"


def adc(build: str, root: Path) -> Iterator[str]:
    """The thermistor is on an ADC pin, between one resistor to the converter's own reference and its own ground."""
    pins = nets_of(build).get("ntc", [])
    for pin in pins:
        if kind_of(pin).kind == parts.GPIO and int(pin.removeprefix("U1.GP")) not in ADC_PINS:
            yield f"{HERE} NETS['ntc']: {pin} is no ADC pin; GP26, GP27 and GP28 are"
    if pins and len(_resistors(build, "ntc", "ADC_VREF")) != 1:
        yield f"{HERE} NETS['ntc']: the divider wants one resistor to ADC_VREF"
    if pins and not any(pin.startswith("TH") for pin in nets_of(build).get("AGND", [])):
        yield f"{HERE} NETS['AGND']: the thermistor's other leg goes to AGND"
    for _, value in _resistors(build, "ntc", "ADC_VREF"):
        if value != (wanted := firmware.series_ohm(root)):
            yield f"{HERE} PARTS['R8']: {value:.0f} ohm, but firmware/src/parts/ntc.py has {wanted:.0f}"


def currents(build: str) -> Iterator[str]:
    """What GPIOs drive, one by one and together; what 3V3 gives."""
    drawn = gpio_ma(build)
    for net, ma in drawn.items():
        if ma > parts.GPIO_OUT_MA:
            yield f"{HERE} NETS[{net!r}]: {ma:.1f} mA from a GPIO, {parts.GPIO_OUT_MA} allowed: a larger resistor"
    if sum(drawn.values()) > parts.GPIO_ALL_MA:
        yield f"{HERE}: {sum(drawn.values()):.1f} mA from all GPIOs, {parts.GPIO_ALL_MA} allowed"
    if sum(rail_ma(build).values()) > parts.PICO_3V3_MA:
        yield f"{HERE}: {sum(rail_ma(build).values()):.0f} mA from 3V3, {parts.PICO_3V3_MA:.0f} allowed"


def stepper(build: str, root: Path) -> Iterator[str]:
    """STEP rests low without the Pico, the firmware's pulse is long enough."""
    if "U4" not in parts_of(build):
        return
    if len(_resistors(build, "step", "GND")) != 1:
        yield f"{HERE} NETS['step']: one resistor to GND is wanted, or the motor steps while the Pico has no power"
    if firmware.pulse_us(root) < STEP_PULSE_US:
        yield f"firmware/src/parts/stepper.py PULSE_US: the driver wants {STEP_PULSE_US} us"


def gpio_ma(build: str) -> dict[str, float]:
    """Net -> the most that its GPIO gives: a high output into a resistor and what lies behind it to ground."""
    nets, drawn = net_at(build), {}
    for net, pins in nets_of(build).items():
        for pin in pins:
            ref = pin.split(".")[0]
            if PARTS[ref].kind != "resistor" or not any(kind_of(other).kind == parts.GPIO for other in pins):
                continue
            far = nets.get(f"{ref}.{'2' if pin.endswith('.1') else '1'}", "3V3")  # open: drives nothing
            if far == "3V3":
                continue
            behind = [parts.KINDS[PARTS[other.split(".")[0]].kind].forward_v for other in nets_of(build).get(far, [])]
            drop_v = 0.0 if far == "GND" else max(behind)
            drawn[net] = drawn.get(net, 0.0) + 1000 * (parts.LOGIC_V - drop_v) / ohm(PARTS[ref].value)
    return drawn


def rail_ma(build: str) -> dict[str, float]:
    """Reference -> the most that it takes from 3V3; pull-ups as if their line were held low."""
    drawn = {}
    for pin in nets_of(build).get("3V3", []):
        ref = pin.split(".")[0]
        if kind_of(pin).kind == parts.POWER_IN:
            drawn[ref] = kind_of(pin).most_ma
        elif PARTS[ref].kind == "resistor":
            drawn[ref] = 1000 * parts.LOGIC_V / ohm(PARTS[ref].value)
    return drawn


def _volts(build: str) -> dict[str, float]:
    return {
        net: kind_of(pin).volt[0]
        for net, pins in nets_of(build).items()
        for pin in pins
        if kind_of(pin).kind == parts.POWER_OUT
    }


def _resistors(build: str, net: str, other: str) -> list[tuple[str, float]]:
    """Resistors between two nets: (reference, ohm)."""
    nets = net_at(build)
    return [
        (ref, ohm(part.value))
        for ref, part in parts_of(build).items()
        if part.kind == "resistor" and {nets.get(f"{ref}.1"), nets.get(f"{ref}.2")} == {net, other}
    ]


def _pulls(build: str, net: str) -> list[tuple[float, float]]:
    """What pulls a net up: (ohm, volt), resistors and those on modules."""
    volts, nets = _volts(build), net_at(build)
    found = [(value, volt) for rail, volt in volts.items() for _, value in _resistors(build, net, rail)]
    for pin in nets_of(build)[net]:
        ref, _, name = pin.partition(".")
        to, value = parts.KINDS[PARTS[ref].kind].pulls.get(name, ("", 0.0))
        if to:
            found.append((value, volts.get(nets.get(f"{ref}.{to}", ""), 0.0)))
    return found


def pins_agree(root: Path) -> Iterator[str]:
    """PINS of the firmware and the netlist's GPIOs are the same table."""
    asked = firmware.pins(root)
    drawn = {
        net: [int(pin.removeprefix("U1.GP")) for pin in text.split() if pin.startswith("U1.GP")]
        for net, text in NETS.items()
    }
    for net, gpios in drawn.items():
        if gpios and net not in asked:
            yield f"{HERE} NETS[{net!r}]: GP{gpios[0]}, but {firmware.PICO} has no PINS[{net!r}]"
    for name, (gpio, line) in asked.items():
        if drawn.get(name) != [gpio]:
            there = ", ".join(f"GP{number}" for number in drawn.get(name, [])) or "no GPIO"
            yield f"{firmware.PICO}:{line} PINS[{name!r}] is {gpio}, but {HERE} NETS[{name!r}] has {there}"


def problems(build: str, root: Path) -> Iterator[str]:
    """Everything wrong with a build."""
    found = list(names(build))
    yield from found
    if found:
        return  # the other rules would stumble over them
    for rule in (open_pins, supplies, levels, pull_ups, currents):
        yield from rule(build)
    yield from adc(build, root)
    yield from i2c(build, root)
    yield from stepper(build, root)

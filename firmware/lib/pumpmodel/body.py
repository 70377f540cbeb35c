"""Skin, core and pump temperature: one thermal node in a pocket, T_target = core + g * (skin - core).

Chosen presets, not validated on people; it errs on the high side of a model with blood flow. Each step is the exact
solution of three linear equations: it never overshoots, and splitting a step changes nothing. Temperatures are kept as
differences from 37 degC with the rounding error of each sum carried along: at 10 ms steps a 32-bit float would
otherwise stop 0.2 degC short of its target.
"""

from .errors import require_name

# name: (g, tau in s). Ref: chosen, from a 1-D Pennes model of skin, fat, pump and muscle (domain file).
BODIES = {"deep": (0.10, 1800.0), "average": (0.25, 1200.0), "slim": (0.40, 900.0)}
BODY_NAMES = ("deep", "average", "slim")
ZERO_C = 37.0  # where the kept differences have their zero
REST_CORE_C = 37.0
REST_SKIN_C = 34.0
SKIN_EXPOSED_TAU_S = 120.0
SKIN_REST_TAU_S = 720.0
CORE_REST_TAU_S = 2400.0
SETTLED_C = 1e-6  # closer than this is there: 1.3e-7 of the flow with R-11


def rest_pump_c(body: str) -> float:
    """Temperature of the pump in the resting body, in degC. Raises: PumpModelError for an unknown preset."""
    g, _ = BODIES[require_name("body", body, BODY_NAMES)]
    return REST_CORE_C + g * (REST_SKIN_C - REST_CORE_C)


class Body:
    """The three temperatures; `skin`, `core` and `node` are degC above ZERO_C."""

    def __init__(self, name: str = "average"):
        self.skin = REST_SKIN_C - ZERO_C
        self.core = REST_CORE_C - ZERO_C
        self._skin_error = self._core_error = self._node_error = 0.0
        self._held = False
        self.pocket_warmth_c = 0.0  # added to the node's target: an infected pocket
        self.set_preset(name)
        self.aim_skin(REST_SKIN_C, SKIN_REST_TAU_S)
        self.aim_core(REST_CORE_C)
        self.set_node(rest_pump_c(name))

    def set_preset(self, name: str) -> None:
        """Move the pump into another pocket; it keeps its temperature. Raises: PumpModelError."""
        self._g, self._tau_s = BODIES[require_name("body", name, BODY_NAMES)]
        self._dt_s = 0.0  # the gains below are those of another step

    def set_node(self, pump_c: float) -> None:
        """The pump is at this temperature now, and follows the body from here."""
        self.node = pump_c - ZERO_C
        self._node_error = 0.0

    def hold_node(self, pump_c: float | None) -> None:
        """The pump stays at this temperature, whatever the body does; None lets it follow the body again."""
        self._held = pump_c is not None
        if pump_c is not None:
            self.set_node(pump_c)

    def set_skin(self, skin_c: float) -> None:
        """The skin is at this temperature now and stays there."""
        self.skin = self._skin_target = skin_c - ZERO_C
        self._skin_error = 0.0

    def aim_skin(self, target_c: float, tau_s: float) -> None:
        """Let the skin approach a temperature exponentially; `tau_s` is one of the two SKIN_..._TAU_S."""
        self._skin_target = target_c - ZERO_C
        self._skin_tau_s = tau_s

    def aim_core(self, target_c: float, ramp_c_s: float = 0.0) -> None:
        """Let the core approach a temperature: linearly at `ramp_c_s` and then hold, or with its own decay when 0."""
        self._core_target = target_c - ZERO_C
        self._core_ramp_c_s = abs(ramp_c_s)

    def _set_dt(self, dt_s: float) -> None:
        node_x = dt_s / self._tau_s
        self._dt_s = dt_s
        self._gains_tau_s = self._skin_tau_s
        self._node_gain = _gain(node_x)
        self._skin_gain = _gain(dt_s / self._skin_tau_s)
        self._core_gain = _gain(dt_s / CORE_REST_TAU_S)
        self._skin_to_node = self._g * _cascade(self._skin_tau_s, self._tau_s, self._skin_gain, self._node_gain)
        self._core_to_node = (1.0 - self._g) * _cascade(CORE_REST_TAU_S, self._tau_s, self._core_gain, self._node_gain)
        self._ramp_to_node_s = (1.0 - self._g) * self._tau_s * _lag(node_x)

    def step(self, dt_s: float) -> bool:
        """Advance by dt_s (at most 1 s: the series below hold for that); returns whether anything still moves."""
        if dt_s != self._dt_s or self._skin_tau_s != self._gains_tau_s:
            self._set_dt(dt_s)
        skin_gap = self.skin - self._skin_target
        core_gap = self.core - self._core_target
        if abs(core_gap) < SETTLED_C and abs(skin_gap) < SETTLED_C and self._node_is_there():
            self._settle()
            return False
        pull = self._g * self._skin_target + self.pocket_warmth_c - self.node
        add = self._node_gain * pull + self._skin_to_node * skin_gap
        if self._core_ramp_c_s:
            add += self._ramp_core(dt_s, core_gap)
        else:
            add += self._relax_core(core_gap)
        if not self._held:
            self._move_node(add)
        self._move_skin(-skin_gap * self._skin_gain)
        return True

    def _ramp_core(self, dt_s: float, core_gap: float) -> float:
        # moves the core, returns what its course adds to the node
        rise = min(self._core_ramp_c_s * dt_s, abs(core_gap))
        if core_gap > 0.0:
            rise = -rise
        to_node = self._node_gain * (1.0 - self._g) * self.core + self._ramp_to_node_s * rise / dt_s
        self._move_core(rise)
        return to_node

    def _relax_core(self, core_gap: float) -> float:
        to_node = self._node_gain * (1.0 - self._g) * self._core_target + self._core_to_node * core_gap
        self._move_core(-core_gap * self._core_gain)
        return to_node

    def _move_skin(self, add: float) -> None:
        add -= self._skin_error
        total = self.skin + add
        self._skin_error = (total - self.skin) - add
        self.skin = total

    def _move_core(self, add: float) -> None:
        add -= self._core_error
        total = self.core + add
        self._core_error = (total - self.core) - add
        self.core = total

    def _move_node(self, add: float) -> None:
        add -= self._node_error
        total = self.node + add
        self._node_error = (total - self.node) - add
        self.node = total

    def _rest_node(self) -> float:
        return (1.0 - self._g) * self._core_target + self._g * self._skin_target + self.pocket_warmth_c

    def _node_is_there(self) -> bool:
        return self._held or abs(self._rest_node() - self.node) < SETTLED_C

    def _settle(self) -> None:
        self.skin = self._skin_target
        self.core = self._core_target
        self._skin_error = self._core_error = 0.0
        if not self._held:
            self.node = self._rest_node()
            self._node_error = 0.0


def _gain(x: float) -> float:
    # 1 - exp(-x) for x <= 1/120, where the subtraction would cost a 32-bit float four digits
    return x * (1.0 - x / 2.0 * (1.0 - x / 3.0 * (1.0 - x / 4.0 * (1.0 - x / 5.0))))


def _lag(x: float) -> float:
    # x - (1 - exp(-x)): how far a first-order lag stays behind a ramp
    return x * x / 2.0 * (1.0 - x / 3.0 * (1.0 - x / 4.0 * (1.0 - x / 5.0)))


def _cascade(source_tau_s: float, node_tau_s: float, source_gain: float, node_gain: float) -> float:
    # what a source that decays with its own tau adds to the node; no two of the taus are equal
    return source_tau_s / (source_tau_s - node_tau_s) * (node_gain - source_gain)

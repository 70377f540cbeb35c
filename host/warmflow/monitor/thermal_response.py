"""What the probe's course does to a pump: in the declared pocket, and in each that the body might really have.

Linear and exact for any interval: skin and an unseen core both act through the pocket's one time constant, so the
response to the skin and the response to a core that rises by 1 degC a minute are kept apart. How fast the core really
rises is left to whoever compares with the flow. Constants are `pumpmodel`'s; it reads no flow.
"""

import math
from typing import NamedTuple

from pumpmodel.body import BODIES, CORE_REST_TAU_S, REST_SKIN_C, SKIN_EXPOSED_TAU_S, SKIN_REST_TAU_S, rest_pump_c
from pumpmodel.probe import (
    CORE_CEILING_C,
    CORE_RISE_PER_S,
    HEATS_ABOVE_C,
    OUT_BELOW_C,
    WATER_TO_SKIN_C,
)

COLD_BELOW_C = 20.0  # [chosen] colder than a room: a probe in cold water, and not one on the desk
EXPOSED_C = 0.5  # [chosen] away from rest by more is an exposure
STILL = 0.6  # [chosen] of the largest excess: below that the skin is on its way back
RAMP_MIN = 60.0  # [chosen] the core rises no longer than this
RESTING_C = (30.6, 35.4)  # a resting skin is at 31 to 35 degC by the room, and a probe has its offset
SETTLED_C, SETTLED_S = 1.0, 60.0  # [chosen] a probe that moved by more, within so long, is on its way to somewhere
FORGOTTEN_MIN = 600.0  # after an exposure nothing is left of it, to 1e-4 degC
LEAVING_C_S = 0.005  # [chosen] a skin that cools faster has left its exposure: 4 degC relax at 0.0056
SKIN_RATE_TAU_S = 90.0
SURE_MIN = 0.4  # a probe on its way between two places is in neither
REST_CORE_C = 37.0
# the bodies of the model, and one beyond each end: a rig's own body is none of the three
POCKETS = {"deepest": (0.07, 2100.0), **BODIES, "slimmest": (0.45, 600.0)}


class Pocket(NamedTuple):
    """Response of one body: what the skin adds to the pump, and what a core rising by 1 degC/min would add."""

    name: str
    skin_c: float
    core_per_ramp_c: float


class Warmth:
    """Feed probe readings in pump time. All temperatures but the probe's are differences from rest."""

    def __init__(self, place: str, body: str, cold_water: bool = False) -> None:
        self.place, self.body = place, body
        self.cold_water = cold_water  # a probe below 20 degC is in water; else it is out, as the board says
        self._anchor_c: float | None = None
        self._settled_s = 0.0
        self.skin_c = 0.0
        self.exposed = False  # warm or cold now
        self.cold = False
        self.probe_c: float | None = None
        self.rest_probe_c: float | None = None  # what the probe reads at rest, with its offset
        self.exposed_min = 0.0  # minutes since the exposure began, while it lasts
        self.since_min = math.inf  # minutes since the last one ended
        self.side_since_min = {False: math.inf, True: math.inf}  # the same, of warm and of cold ones
        self.plateau_c = 0.0
        self._still = place == "water"
        self._extreme_c = 0.0
        self._skin_rate_c_s = 0.0
        self._unit_c = 0.0  # a core that rises by 1 degC a minute while exposed
        self._rule_c = 0.0  # the core by the rule of the place `water`
        self._filters = {name: [0.0, 0.0, 0.0] for name in POCKETS}  # skin, unit core, rule's core
        self._gains_dt_s, self._gains = -1.0, {name: 0.0 for name in POCKETS}

    def immersed(self) -> "Warmth":
        """The same until now, for which a probe below 20 degC is in water from now on."""
        twin = Warmth(self.place, self.body)
        vars(twin).update(vars(self))
        twin.cold_water = True
        twin._filters = {name: list(row) for name, row in self._filters.items()}
        twin.side_since_min = dict(self.side_since_min)
        return twin

    def pockets(self) -> list[Pocket]:
        """Responses of all bodies, with the coupling of each."""
        return [
            Pocket(name, g * self._filters[name][0], (1 - g) * self._filters[name][1])
            for name, (g, _) in POCKETS.items()
        ]

    @property
    def quiet(self) -> bool:
        """Whether nothing is left of any exposure that a flow could show."""
        if self.exposed:
            return False
        if self.place == "pump":
            return abs(self.pump_excess_c) < 0.3
        return abs(self._filters["slim"][0]) < 0.25 and self._unit_c < 1.0 and abs(self.skin_c) < EXPOSED_C

    @property
    def pump_excess_c(self) -> float:
        """In place `pump`: how much warmer the probe reads than at rest."""
        return 0.0 if self.probe_c is None or self.rest_probe_c is None else self.probe_c - self.rest_probe_c

    @property
    def explained_c(self) -> float:
        """Warming of the pump by the probe alone: declared body, and the rule for the core of the place `water`."""
        if self.place == "pump":
            return self.pump_excess_c
        g, _ = BODIES[self.body]
        skin_c, _, rule_c = self._filters[self.body]
        return g * skin_c + (1 - g) * rule_c

    @property
    def rest_away_c(self) -> float:
        """How much warmer this body rests than that of the model, by the probe: a skin of 32 degC is rest."""
        if self.rest_probe_c is None or self.place == "water":
            return 0.0
        g, _ = BODIES[self.body]
        if self.place == "pump":
            return self.rest_probe_c - rest_pump_c(self.body)
        return g * (self.rest_probe_c - REST_SKIN_C)

    @property
    def unit_core_c(self) -> float:
        """Of a core that rises by 1 degC a minute while exposed."""
        return self._unit_c

    def skin_to_come(self) -> tuple[float, float]:
        """(where the skin is going, time constant in s) if the exposure goes on."""
        if self.place == "water" and self.exposed and self.probe_c is not None:
            return self.probe_c + WATER_TO_SKIN_C - REST_SKIN_C, SKIN_EXPOSED_TAU_S
        coming_c = self._skin_rate_c_s * SKIN_EXPOSED_TAU_S
        return self.skin_c + (coming_c if self.exposed and coming_c * self.skin_c > 0 else 0.0), SKIN_EXPOSED_TAU_S

    def advance(self, probe_c: float | None, dt_s: float) -> None:
        """The probe has read `probe_c` on average over the last `dt_s`; None is no reading that counts."""
        self.probe_c = probe_c
        self._settle(probe_c, dt_s)
        if self._still and not self._touches(probe_c):
            self.since_min += dt_s / 60  # a probe on the desk, and nothing is left of any bath
            return
        before_c = self.skin_c
        self._move_skin(probe_c, dt_s)
        share = 1 - math.exp(-dt_s / SKIN_RATE_TAU_S)
        self._skin_rate_c_s += share * ((self.skin_c - before_c) / dt_s - self._skin_rate_c_s)
        self._note_exposure(dt_s)
        self._move_core(probe_c, dt_s)
        skin_c = 0.5 * (before_c + self.skin_c) if self.place == "water" else self.skin_c
        if dt_s != self._gains_dt_s:
            self._gains_dt_s = dt_s
            self._gains = {name: 1 - math.exp(-dt_s / tau_s) for name, (_, tau_s) in POCKETS.items()}
        for name, row in self._filters.items():
            gain = self._gains[name]
            row[0] += gain * (skin_c - row[0])
            row[1] += gain * (self._unit_c - row[1])
            row[2] += gain * (self._rule_c - row[2])
        self._still = self.place == "water" and not self.exposed and self.since_min > FORGOTTEN_MIN
        if self._still:
            self.skin_c = self._unit_c = self._rule_c = 0.0
            for row in self._filters.values():
                row[:] = 0.0, 0.0, 0.0

    def learn_rest(self, probe_c: float, share: float) -> None:
        """Nothing is going on: what the probe reads now is rest."""
        if self.place == "water":
            return
        if self.place == "skin":
            probe_c = min(max(probe_c, RESTING_C[0]), RESTING_C[1])
        if self.rest_probe_c is None:
            self.rest_probe_c = probe_c
        else:
            self.rest_probe_c += share * (probe_c - self.rest_probe_c)

    def _settle(self, probe_c: float | None, dt_s: float) -> None:
        if probe_c is None:
            return
        if self._anchor_c is None or abs(probe_c - self._anchor_c) > SETTLED_C:
            self._settled_s = 0.0 if self._anchor_c is not None else SETTLED_S
            self._anchor_c = probe_c
        else:
            self._settled_s += dt_s

    def _touches(self, probe_c: float | None) -> bool:
        """Whether the probe is at a body: a slow one that passes through cool degrees on its way out is not."""
        if probe_c is None:
            return False
        if probe_c < OUT_BELOW_C:
            return self.cold_water and (probe_c < COLD_BELOW_C or self.place == "skin")
        if self.place == "skin":
            return True
        cool = probe_c + WATER_TO_SKIN_C < REST_SKIN_C
        return not cool or self._settled_s >= SETTLED_S

    def _move_skin(self, probe_c: float | None, dt_s: float) -> None:
        touches = self._touches(probe_c)
        if touches and self.place == "skin":
            assert probe_c is not None
            self.skin_c = probe_c - (self.rest_probe_c or REST_SKIN_C)
            return
        target_c, tau_s = 0.0, SKIN_REST_TAU_S
        if touches and self.place == "water":
            assert probe_c is not None
            target_c, tau_s = probe_c + WATER_TO_SKIN_C - REST_SKIN_C, SKIN_EXPOSED_TAU_S
        self.skin_c = target_c + (self.skin_c - target_c) * math.exp(-dt_s / tau_s)

    def _note_exposure(self, dt_s: float) -> None:
        if self.place == "pump":
            excess_c = self.pump_excess_c
        elif self.place == "water" and not self._touches(self.probe_c):
            excess_c = 0.0
        elif self.place == "water":
            excess_c = (self.probe_c or 0.0) + WATER_TO_SKIN_C - REST_SKIN_C
        else:
            excess_c = self.skin_c
        was = self.exposed
        if not was or abs(excess_c) > abs(self._extreme_c):
            self._extreme_c = excess_c
        same_side = excess_c * self._extreme_c > 0
        leaving = self.place == "skin" and self._skin_rate_c_s * math.copysign(1.0, excess_c) < -LEAVING_C_S
        stays = abs(excess_c) > max(EXPOSED_C, STILL * abs(self._extreme_c))
        self.exposed = stays and same_side and not leaving
        if self.exposed:
            self.exposed_min = self.exposed_min + dt_s / 60 if was else dt_s / 60
            self.side_since_min[excess_c >= 0] += dt_s / 60
            if self.exposed_min >= SURE_MIN:
                self.cold = excess_c < 0
                self.side_since_min[self.cold] = 0.0
            self.plateau_c = excess_c
            self.since_min = 0.0
        else:
            self.since_min += dt_s / 60
            for side in (False, True):
                self.side_since_min[side] += dt_s / 60

    def _move_core(self, probe_c: float | None, dt_s: float) -> None:
        decay = math.exp(-dt_s / CORE_REST_TAU_S)
        self._unit_c = min(self._unit_c + dt_s / 60, RAMP_MIN) if self.exposed else self._unit_c * decay
        if self.place == "water" and probe_c is not None and probe_c > HEATS_ABOVE_C:
            rise_c = CORE_RISE_PER_S * (probe_c - HEATS_ABOVE_C) * dt_s
            self._rule_c = min(self._rule_c + rise_c, CORE_CEILING_C - REST_CORE_C)
        else:
            self._rule_c *= decay

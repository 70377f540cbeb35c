"""From mass to volume: density, and on request the buoyancy of air and what evaporates. Nothing is corrected unasked.

Ref: ISO 4787:2021 and ISO 8655-6:2022, as far as public: V = m * Z with Z = (1 - a/b) / (w - a), a the density of air,
b that of the balance's calibration weights (8.0 g/mL by convention), w that of the liquid.
"""

from pathlib import Path
from typing import NamedTuple

import numpy as np

from warmflow.errors import UserError
from warmflow.instruments.columns import Column

WEIGHTS_G_ML = 8.0
AIR_G_ML = 0.0012  # Ref: OIML D 28, conventional value of the result of weighing in air


class CorrectionError(UserError):
    """A correction that cannot be made; the text names the option."""


class Correction(NamedTuple):
    """`air_g_ml` None: no correction for buoyancy. `evaporation_ul_h`: what leaves the vessel unweighed."""

    air_g_ml: float | None = None
    evaporation_ul_h: float = 0.0

    def ul_per_g(self, density_g_ml: float | None, path: Path) -> float:
        """Raises CorrectionError without a density."""
        if not density_g_ml:
            raise CorrectionError(f"{path}: a mass needs a density: give --density in g/mL (water at 20 °C: 0.9982)")
        if self.air_g_ml is None:
            return 1000 / density_g_ml
        return 1000 * (1 - self.air_g_ml / WEIGHTS_G_ML) / (density_g_ml - self.air_g_ml)

    def check(self, amount: str, path: Path) -> None:
        """Raises CorrectionError for a correction that would do nothing to this amount: it must not look applied."""
        if self.air_g_ml is not None and amount != "mass":
            raise CorrectionError(f"{path}: --air-density corrects a mass, and this file has a {amount}: leave it out")
        if self.evaporation_ul_h and amount == "flow":
            raise CorrectionError(
                f"{path}: --evaporation-ul-h corrects a balance, and this file has a flow: leave it out"
            )

    def evaporated_ul(self, t_s: Column) -> Column:
        """What has evaporated since the first reading: it was delivered and is not on the balance any more."""
        return np.asarray(self.evaporation_ul_h * (t_s - t_s[0]) / 3600)

    def says(self, density_g_ml: float | None) -> str:
        """In words, for the report."""
        air = "no correction for buoyancy" if self.air_g_ml is None else f"buoyancy in air of {self.air_g_ml:g} g/mL"
        gone = (
            f"evaporation of {self.evaporation_ul_h:g} µL/h added" if self.evaporation_ul_h else "none for evaporation"
        )
        return f"density {density_g_ml or 0:g} g/mL, {air}, {gone}"


NO_CORRECTION = Correction()

"""The ambient pressure: a barometer drives the model, and a lost one is held and then given up, as a lost probe is.

Where no barometer is fitted nothing is measured, and the model has the site's pressure.
"""

from micropython import const

from pump import codec

_STEP_PA = const(10)  # 0.02 % of flow: less is not worth a full step of the model


class Air:
    """pressure_pa: what is measured now, None for nothing."""

    def __init__(self, pump, config):
        self._model = pump
        self._settings = config
        self.pressure_pa = None
        self._used_pa, self._valid_ms = None, 0

    def take(self, barometer, now_ms):
        """Lets a barometer, or None, drive the model; status flags."""
        if barometer is None:
            return 0
        self.pressure_pa = pressure_pa = barometer.read(now_ms)[0]
        used_pa = self._used_pa
        if pressure_pa is not None:
            self._valid_ms = now_ms
            if used_pa is None or abs(pressure_pa - used_pa) >= _STEP_PA:
                self._used_pa = pressure_pa
                self._model.set_ambient(pressure_pa / 1000)
            return 0
        if used_pa is not None and now_ms - self._valid_ms >= self._settings["probe_hold_s"] * 1000:
            self.forget()
        return codec.STATUS_BAROMETER_FAULT

    def forget(self):
        """The site's pressure again."""
        self.pressure_pa = self._used_pa = None
        self._model.set_ambient(None)

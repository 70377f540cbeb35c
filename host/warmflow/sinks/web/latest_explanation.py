"""The newest diagnosis of each pump, in words, for pages and scripts: worked out when somebody looks, once for each."""

from warmflow.api import payloads
from warmflow.device.updates import Assessed, PumpRemoved
from warmflow.hub import PumpUpdate
from warmflow.monitor import Diagnosis


class Latest:
    """Subscriber of the hub."""

    def __init__(self) -> None:
        self._judged: dict[str, Assessed] = {}
        self._told: dict[str, tuple[Assessed, payloads.Explanation]] = {}

    def on_update(self, update: PumpUpdate) -> None:
        """Takes diagnoses."""
        match update:
            case Assessed():
                self._judged[update.pump] = update
            case PumpRemoved() if update.pump:
                self._judged.pop(update.pump, None)
                self._told.pop(update.pump, None)

    def found(self, pump: str) -> Diagnosis | None:
        """The same as it was found."""
        judged = self._judged.get(pump)
        return judged.assessment.diagnosis if judged else None

    def of(self, pump: str) -> payloads.Explanation | None:
        """None before there is one."""
        judged = self._judged.get(pump)
        if judged is None:
            return None
        known = self._told.get(pump)
        if known is None or known[0] is not judged:
            known = self._told[pump] = (judged, payloads.explanation(judged.assessment))
        return known[1]

"""Pump time of a replay by a monotonic clock: runs, stands, goes on, at the lesson's tempo. Reads no clock itself."""

from dataclasses import dataclass, replace

from warmflow.training.tempo import Tempo


@dataclass(frozen=True)
class Pace:
    """`since_s` is the clock when it began to run; None while it stands."""

    tempo: Tempo
    t_s: float = 0.0
    since_s: float | None = None

    def at(self, now_s: float) -> float:
        """Pump time now."""
        return self.t_s if self.since_s is None else self.tempo.after(self.t_s, max(0.0, now_s - self.since_s))

    def runs(self, now_s: float) -> "Pace":
        return replace(self, t_s=self.at(now_s), since_s=now_s)

    def stands(self, now_s: float) -> "Pace":
        return replace(self, t_s=self.at(now_s), since_s=None)

    def moved(self, t_s: float, now_s: float) -> "Pace":
        """At another pump time; it runs on, or stands on."""
        return replace(self, t_s=t_s, since_s=None if self.since_s is None else now_s)

    def unhurried(self, now_s: float) -> "Pace":
        """At the lesson's own speed from now on."""
        return replace(self.moved(self.at(now_s), now_s), tempo=Tempo(self.tempo.own_x))

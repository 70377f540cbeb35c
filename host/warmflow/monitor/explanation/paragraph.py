"""Why the flow is what it is, in one paragraph: what warmed, what the vapour pressure did, what the flow did, what it
means for the dose, and what is to come. Pure: it is told declared and measured values and what the monitor made of
them, and nothing else is there for it to tell.
"""

from collections.abc import Iterator
from functools import lru_cache

from pumplink.codes import Status
from warmflow.monitor import Assessment, Rig
from warmflow.monitor.diagnosis import Diagnosis
from warmflow.monitor.explanation.cause_texts import MEANINGS, PROPELLANTS
from warmflow.monitor.explanation.marked_text import DECLARED, MEASURED, MODELLED, Part, number, parts
from warmflow.monitor.restrictor import Restrictor

WARMED_C = 0.1  # a pump that is nearer to its rest is at rest
MATTERS = 0.005  # a smaller share is left out
WHERE = {"water": "in the water", "skin": "on the skin", "pump": "on the pump"}
NAMES = {
    "propellant": "the propellant's pressure",
    "viscosity": "the thinner or thicker fluid",
    "ambient": "the pressure around the body",
    "reservoir": "the level in the reservoir",
    "fluid": "another fluid than declared",
    "unexplained": "what nothing explains",
}


def paragraph_parts(now: Assessment) -> list[Part]:
    """The paragraph as parts."""
    out: list[Part | str] = []
    for sentence in (warmed, pressed, flowed, because, dosed, ahead):
        words = list(sentence(now))
        if words:
            out += [" ", *words] if out else words
    return parts(out)


def warmed(now: Assessment) -> Iterator[Part | str]:
    """What the probe shows, and where that leaves the pump."""
    probe_c, place = now.measured.probe_c, now.rig.place
    if probe_c is None:
        yield "The probe gives no valid reading, so nothing measured says what warmed; "
    elif now.measured.status & Status.PROBE_OUT:
        yield from ("The probe reads ", number(probe_c, 1, "°C", MEASURED), ": it hangs in the air; ")
    else:
        yield from (f"The probe {WHERE[place]} reads ", number(probe_c, 1, "°C", MEASURED), "; ")
    pump_c, rest_c = pump_temp_c(now), _restrictor(now.rig).rest_c
    above_c = pump_c - rest_c
    if abs(above_c) < WARMED_C:
        yield from ("the pump is taken to be at rest, at ", number(rest_c, 1, "°C", MODELLED), ".")
        return
    yield from ("the pump in its pocket is taken to be at ", number(pump_c, 1, "°C", MODELLED), ", ")
    yield from (number(abs(above_c), 1, "°C", MODELLED), f" {'warmer' if above_c > 0 else 'colder'} than at rest.")


def pressed(now: Assessment) -> Iterator[Part | str]:
    """What the vapour pressure did, and the pressure that it works against."""
    restrictor = _restrictor(now.rig)
    pump_c, rest_c = pump_temp_c(now), restrictor.rest_c
    vapour_kpa = restrictor.vapour_kpa(pump_c)
    change_kpa = vapour_kpa - restrictor.vapour_kpa(rest_c)
    yield from (f"Its {PROPELLANTS[now.rig.profile]} then has a vapour pressure of ",)
    yield number(vapour_kpa, 1, "kPa", MODELLED)
    if abs(pump_c - rest_c) < WARMED_C:
        yield ", as at rest"
    else:
        yield from (", ", number(change_kpa, 1, "kPa", MODELLED, "+"), " against rest")
    site_kpa, air_kpa = restrictor.site_kpa, now.measured.ambient_kpa
    if air_kpa is None:
        yield from (
            "; no barometer is fitted, so the site's ",
            number(site_kpa, 1, "kPa", DECLARED),
            " stands for the air.",
        )
        return
    yield from ("; around the body there are ", number(air_kpa, 1, "kPa", MEASURED), ", ")
    yield from (number(air_kpa - site_kpa, 1, "kPa", MEASURED, "+"), " against the site's ")
    yield from (number(site_kpa, 1, "kPa", DECLARED), ".")


def flowed(now: Assessment) -> Iterator[Part | str]:
    """What the meter shows, against the reference rate, and the shares of it."""
    diagnosis, finding = now.diagnosis, now.finding
    yield from ("The meter shows ", number(now.measured.flow_nl_h / 1000, 1, "µL/h", MEASURED), ", on average ")
    yield from (number(100 * finding.deviation, 1, "%", MEASURED, "+"), " against the reference rate of ")
    yield number(finding.reference_flow_nl_h / 1000, 1, "µL/h", MODELLED)
    told = [(name, share) for name, share in diagnosis.shares._asdict().items() if abs(share) >= MATTERS]
    for index, (name, share) in enumerate(told):
        yield from (": " if not index else ", ", f"{NAMES[name]} ", number(100 * share, 1, "%", MODELLED, "+"))
    yield "."
    if finding.suppressed:
        yield f" No flag is raised: {finding.suppressed}."
    elif finding.level:
        yield f" The rate flag stands at {finding.level.word}."


def because(now: Assessment) -> Iterator[Part | str]:
    """The likeliest cause, how sure, since when; and what it means."""
    diagnosis = now.diagnosis
    if diagnosis.cause == "none":
        yield "There is nothing to explain."
        return
    by_course = diagnosis.kind and diagnosis.cause in ("heat", "cold")
    kind = f", by its course a {diagnosis.kind}" if by_course else ""
    yield from (f"The likeliest cause is {diagnosis.title}{kind}, ",)
    yield from (number(100 * diagnosis.confidence, 0, "% sure", MODELLED), ", for ")
    yield from (_minutes(now.measured.pump_time_ms - diagnosis.since_ms), ".")
    if diagnosis.second is not None:
        name, confidence = diagnosis.second
        yield from (f" At the same time: {name}, ", number(100 * confidence, 0, "% sure", MODELLED), ".")
    if meaning := MEANINGS.get(diagnosis.cause):
        yield f" {meaning}"
    if diagnosis.instruments and diagnosis.cause in ("sensor", "clock"):
        yield f" What gives it away: {diagnosis.instruments}."


def dosed(now: Assessment) -> Iterator[Part | str]:
    """What has come too much or too little."""
    dose = now.diagnosis.dose
    since = "since the fill" if dose.whole else "since the monitor began"
    extra = number(abs(dose.extra_nl) / 1000, 1, "µL", MEASURED)
    more = dose.extra_nl >= 0 or extra.text.startswith("0.0 ")
    yield from (f"All in all, {since} ", extra, f" {'more' if more else 'less'} came than the reference rate gives: ")
    yield from (
        number(100 * dose.deviation, 2, "%", MEASURED, "+"),
        " of a dose over ",
        number(14, 0, "days", DECLARED),
    )
    yield f", which is at {dose.level.word}." if dose.level else ", which is within limits."


def ahead(now: Assessment) -> Iterator[Part | str]:
    """The forecast, where there is one."""
    forecast = now.diagnosis.forecast
    if forecast is None or not forecast.text:
        return
    yield from ("If the model is right, the flow ", Part(_clause(forecast.text), MODELLED), ".")


def pump_temp_c(now: Assessment) -> float:
    """The temperature that the diagnosis put its shares down to."""
    restrictor = _restrictor(now.rig)
    ratio = 1.0 + now.diagnosis.shares.temperature
    return restrictor.temperature_c(ratio, restrictor.site_kpa, 0.0, restrictor.rest_c)


def shares(diagnosis: Diagnosis) -> dict[str, float]:
    """The waterfall in percent of the reference rate."""
    return {name: round(100 * share, 2) for name, share in diagnosis.shares._asdict().items()}


def _clause(text: str) -> str:
    return text if text.startswith(("will", "may")) else f"will be {text}"


def _minutes(duration_ms: int) -> Part:
    minutes = duration_ms / 60_000
    return number(minutes, 0, "min", MODELLED) if minutes < 120 else number(minutes / 60, 1, "h", MODELLED)


def _restrictor(rig: Rig) -> Restrictor:
    return _made(rig._replace(filled_nl=0, metered_at_fill_nl=0, speed_x=0))


@lru_cache(256)
def _made(rig: Rig) -> Restrictor:
    return Restrictor(rig)

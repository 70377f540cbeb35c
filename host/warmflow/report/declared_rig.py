"""What the rig is declared to be, and the two rates that follow: the label and the reference rate of the resting body.

A CSV says nothing of the rig: what is not declared stays unknown, and then nothing is judged against it.
"""

from typing import NamedTuple

from pumpmodel import BODY_NAMES, FILLS, FLUIDS, PLACES, PROFILE_NAMES, PROFILES, PumpModelError, reference_flow_nl_h
from warmflow.monitor import Rig
from warmflow.report.run_record import Record, ReportError
from warmflow.runtime.text import did_you_mean

SEA_LEVEL_KPA = 101.325


class Declared(NamedTuple):
    """As given on the command line. `profile` None: the rig is unknown. Rates that are given go over the model's."""

    profile: str | None = None
    body: str = "average"
    place: str = "skin"
    fluid: str = "drug"
    glycerol_fraction: float = 0.0
    site_kpa: float = SEA_LEVEL_KPA
    label_ul_h: float | None = None
    reference_ul_h: float | None = None
    board: Rig | None = None  # said by the board itself, and nothing was given over it


class Rates(NamedTuple):
    """The rate that the flow is compared with, and its origin; None if it is unknown."""

    reference_ul_h: float | None
    label_ul_h: float | None
    reference_from: str
    label_from: str


def of_board(board: Rig, given: Declared) -> Declared:
    """What the board declared; rates that are given go over it."""
    label = board.label_flow_nl_h / 1000 if given.label_ul_h is None else given.label_ul_h
    what = (board.profile, board.body, board.place, board.fluid, board.glycerol_fraction, board.site_pressure_kpa)
    return checked(Declared(*what, label, given.reference_ul_h, board))


def checked(declared: Declared) -> Declared:
    """Returns it. Raises ReportError for a name that there is not, or a rate that is none."""
    for option, name, known in (
        ("--profile", declared.profile, PROFILE_NAMES),
        ("--body", declared.body, BODY_NAMES),
        ("--place", declared.place, PLACES),
        ("--fluid", declared.fluid, FLUIDS),
    ):
        if name is not None and name not in known:
            raise ReportError(f"{option} {name}: unknown; {did_you_mean(name, known)}")
    for option, rate in (("--label-ml-day", declared.label_ul_h), ("--reference-ul-h", declared.reference_ul_h)):
        if rate is not None and not 0 < rate < 1e9:
            raise ReportError(f"{option}: give a rate above 0")
    return declared


def rates(declared: Declared) -> Rates:
    """Raises ReportError for a rig that the model refuses."""
    label, label_from = declared.label_ul_h, "given"
    reference, reference_from = declared.reference_ul_h, "given"
    if declared.profile is not None:
        if label is None:
            label, label_from = PROFILES[declared.profile].label_nl_h / 1000, "the declared profile"
        if reference is None:
            reference = _modelled(declared)
            reference_from = "modelled: the declared rig in its resting body"
    if reference is None and label is not None:
        reference, reference_from = label, "the label, for no rig is declared"
    unknown = "unknown: neither rig nor rate is declared"
    return Rates(
        reference, label, unknown if reference is None else reference_from, unknown if label is None else label_from
    )


def _modelled(declared: Declared) -> float:
    assert declared.profile is not None
    try:
        found = reference_flow_nl_h(
            declared.profile, declared.body, declared.fluid, declared.site_kpa, declared.glycerol_fraction
        )
    except PumpModelError as error:
        raise ReportError(f"the declared rig: {error}") from None
    if found <= 0:
        raise ReportError("the declared rig does not flow at rest: check --profile and --site-kpa")
    return float(found) / 1000


def declarations(declared: Declared, record: Record) -> tuple[tuple[float, Rig], ...]:
    """What the monitor is told, and from which pump time on: by the run itself, unless another rig was given over it;
    empty for an unknown rig.
    """
    given = rig(declared)
    if given is None:
        return ()
    own = record.kind == "simulated" or declared.board is not None
    return record.declarations if own and record.declarations else ((0.0, given),)


def rig(declared: Declared) -> Rig | None:
    """For the monitor; None for an unknown one. When it was filled is not known: an hour before the run, so that no
    cause is found in a fill that nobody saw.
    """
    if declared.profile is None or declared.board:
        return declared.board
    profile = PROFILES[declared.profile]
    label_nl_h = round(1000 * (rates(declared).label_ul_h or 0.0))
    return Rig(
        declared.profile, declared.body, declared.place, declared.fluid, declared.glycerol_fraction, declared.site_kpa,
        label_nl_h, profile.reservoir_nl, -label_nl_h, profile.residual_nl,
    )  # fmt: skip


def rows(declared: Declared) -> tuple[tuple[str, str], ...]:
    """For a person: label and text."""
    if declared.profile is None:
        return (("rig", "not declared"),)
    fluid = declared.fluid + (f", {100 * declared.glycerol_fraction:g} wt%" if declared.glycerol_fraction else "")
    return (
        ("profile", f"{declared.profile} ({FILLS[PROFILES[declared.profile].fill][0]})"),
        ("body preset", declared.body),
        ("the probe touches", declared.place),
        ("fluid", fluid),
        ("site pressure", f"{declared.site_kpa:g} kPa"),
        ("declared by", "the board" if declared.board else "whoever asked for this report"),
    )

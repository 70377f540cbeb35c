"""`warmflow dose`: the arithmetic of a filling, a deviation and a refill reading, each with formula and source.

The command line registers it. It answers what its options ask for, and no more.
"""

from typing import Annotated

import typer

from warmflow.notice import NOTICE
from warmflow.runtime import console
from warmflow.simulation.dose_arithmetic import Answer

Dose = Annotated[float | None, typer.Option("--dose", help="Prescribed dose, mg/kg/day; gives mg per fill.")]
Weight = Annotated[float | None, typer.Option(help="Body weight, kg.")]
Ideal = Annotated[
    float | None,
    typer.Option("--ideal-weight", help="Ideal weight, kg; if exceeded by over 25 %, the mean is used."),
]
Reservoir = Annotated[float, typer.Option(help="Reservoir volume, mL.")]
Flow = Annotated[float, typer.Option(help="Flow that the filling was calculated for, mL/day.")]
FillMg = Annotated[
    float | None, typer.Option("--fill-mg", help="Drug in the filling, mg, instead of --dose and --weight.")
]
Actual = Annotated[float | None, typer.Option("--actual-flow", help="Actual flow, mL/day; gives the deviation.")]
Deviation = Annotated[float | None, typer.Option("--deviation", help="Deviation in % of --flow, for example -5 or 31.")]
Days = Annotated[float | None, typer.Option(help="Number of days. Default: the whole cycle.")]
Cycle = Annotated[float, typer.Option(help="Days in a cycle.")]
Withdrawn = Annotated[float | None, typer.Option(help="Volume drawn at the refill, mL; gives the actual flow.")]
Reading = Annotated[float, typer.Option("--reading-error", help="Uncertainty of that volume, mL (1 was chosen).")]


def dose(
    dose: Dose = None,
    weight: Weight = None,
    ideal_weight: Ideal = None,
    reservoir: Reservoir = 30.0,
    flow: Flow = 1.3,
    fill_mg: FillMg = None,
    actual_flow: Actual = None,
    deviation: Deviation = None,
    days: Days = None,
    cycle: Cycle = 14.0,
    withdrawn: Withdrawn = None,
    reading_error: Reading = 1.0,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Calculate doses, with units, formula and source. No dosing advice.

    Raises: DoseError.
    """
    from warmflow.simulation import dose_arithmetic as arithmetic

    answers: list[Answer] = []
    if withdrawn is not None:
        answers += arithmetic.refill_flow(reservoir, withdrawn, cycle if days is None else days, reading_error)
        flow_now = answers[0].value
        error = f"{100 * answers[1].value / flow_now:.1f} % of it; " if flow_now else ""
        answers[1] = answers[1]._replace(source=error + answers[1].source)
        if actual_flow is None and deviation is None:
            actual_flow = flow_now
    if fill_mg is None and (dose is not None or weight is not None):
        fill_mg = _fill(answers, dose, weight, ideal_weight, reservoir, flow)
    if fill_mg is not None:
        answers.append(arithmetic.concentration_mg_ml(fill_mg, reservoir))
        strength = answers[-1].value
        answers.append(arithmetic.delivered_mg_day(strength, flow))
        actual = _actual(flow, actual_flow, deviation)
        if actual is not None:
            answers.append(arithmetic.delivered_mg_day(strength, actual)._replace(name="delivered at the actual flow"))
            answers += arithmetic.deviation(flow, actual, cycle if days is None else days, strength, cycle)
    elif (actual := _actual(flow, actual_flow, deviation)) is not None:
        volume, _, share = arithmetic.deviation(flow, actual, cycle if days is None else days, 1.0, cycle)
        answers += [volume, share]
    if not answers:
        raise arithmetic.DoseError(
            "nothing to calculate; give --dose and --weight, --fill-mg, --actual-flow or --withdrawn"
        )
    _show(answers, json)


def _fill(
    answers: list[Answer], dose: float | None, weight: float | None, ideal: float | None, reservoir: float, flow: float
) -> float:
    from warmflow.simulation import dose_arithmetic as arithmetic

    if dose is None or weight is None:
        raise arithmetic.DoseError(f"--{'weight' if dose is not None else 'dose'} is missing; mg per fill needs both")
    counted = arithmetic.dosing_weight_kg(weight, ideal)
    if counted != weight:
        formula = "(actual + ideal) / 2, over 25 % above the ideal weight"
        answers.append(Answer("weight that counts", counted, "kg", formula, arithmetic.PROTOCOL))
    answers.append(arithmetic.mg_per_fill(dose, counted, reservoir, flow))
    return answers[-1].value


def _actual(flow: float, actual: float | None, deviation: float | None) -> float | None:
    from warmflow.simulation import dose_arithmetic as arithmetic

    if actual is not None and deviation is not None:
        raise arithmetic.DoseError("--actual-flow and --deviation both give the deviation; leave one out")
    return actual if deviation is None else flow * (1 + deviation / 100)


def _show(answers: list[Answer], json: bool) -> None:
    if json:
        console.say_json({"notice": NOTICE, "answers": [answer._asdict() for answer in answers]})
        return
    for answer in answers:
        console.say(f"{answer.name}: {answer.value:.5g} {answer.unit}")
        console.say(f"    = {answer.formula}  [{answer.source}]  {NOTICE}")

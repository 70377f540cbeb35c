"""`warmflow dose`: the arithmetic of a filling, a deviation and a refill reading, each with formula and source.

The command line registers it. It answers what its options ask for, and no more.
"""

import json as json_text
from typing import Annotated

import typer

from warmflow.notice import NOTICE
from warmflow.simulation.dose_arithmetic import Answer

Dose = Annotated[float | None, typer.Option("--dose", help="Prescribed dose, mg/kg/day: gives mg per fill.")]
Weight = Annotated[float | None, typer.Option(help="Body weight, kg.")]
Ideal = Annotated[
    float | None, typer.Option("--ideal-weight", help="Ideal weight, kg: over 25 % above, the mean counts.")
]
Reservoir = Annotated[float, typer.Option(help="Reservoir, mL.")]
Flow = Annotated[float, typer.Option(help="Flow by which the filling is made up, mL/day.")]
FillMg = Annotated[
    float | None, typer.Option("--fill-mg", help="Drug in the filling, mg, instead of --dose and --weight.")
]
Actual = Annotated[float | None, typer.Option("--actual-flow", help="Flow that was, mL/day: gives the deviation.")]
Deviation = Annotated[float | None, typer.Option("--deviation", help="The same in % of --flow: -5, 31.")]
Days = Annotated[float | None, typer.Option(help="For so many days. Default: the whole cycle.")]
Cycle = Annotated[float, typer.Option(help="Days of a cycle.")]
Withdrawn = Annotated[float | None, typer.Option(help="Drawn at the refill, mL: gives the actual flow over --days.")]
Reading = Annotated[float, typer.Option("--reading-error", help="Uncertainty of that reading, mL (chosen: 1).")]


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
    """Dose arithmetic with units, formula and source; no dosing advice.

    Raises: DoseError for what can not be.
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
            "nothing to work out; give --dose and --weight, --fill-mg, --actual-flow or --withdrawn"
        )
    _show(answers, json)


def _fill(
    answers: list[Answer], dose: float | None, weight: float | None, ideal: float | None, reservoir: float, flow: float
) -> float:
    from warmflow.simulation import dose_arithmetic as arithmetic

    if dose is None or weight is None:
        raise arithmetic.DoseError(f"--{'weight' if dose is not None else 'dose'} is missing: mg per fill needs both")
    counted = arithmetic.dosing_weight_kg(weight, ideal)
    if counted != weight:
        formula = "(actual + ideal) / 2, over 25 % above the ideal weight"
        answers.append(Answer("weight that counts", counted, "kg", formula, arithmetic.PROTOCOL))
    answers.append(arithmetic.mg_per_fill(dose, counted, reservoir, flow))
    return answers[-1].value


def _actual(flow: float, actual: float | None, deviation: float | None) -> float | None:
    from warmflow.simulation import dose_arithmetic as arithmetic

    if actual is not None and deviation is not None:
        raise arithmetic.DoseError("--actual-flow and --deviation say the same twice: leave one out")
    return actual if deviation is None else flow * (1 + deviation / 100)


def _show(answers: list[Answer], json: bool) -> None:
    if json:
        typer.echo(json_text.dumps({"notice": NOTICE, "answers": [answer._asdict() for answer in answers]}, indent=2))
        return
    for answer in answers:
        typer.echo(f"{answer.name}: {answer.value:.5g} {answer.unit}")
        typer.echo(f"    = {answer.formula}  [{answer.source}]  {NOTICE}")

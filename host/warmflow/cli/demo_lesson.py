"""What the demonstration comes to, for a person: the rate that was measured, its dose, and where to look on.

The dose is that of the scenario's own run in the model: a dose of two weeks is not to be measured in two minutes.
"""

from collections.abc import Iterator

from warmflow.simulation.output import dose_words, signed
from warmflow.simulation.rig import Rig
from warmflow.simulation.scenario import Scenario, load
from warmflow.simulation.summary import summarise
from warmflow.simulation.vectorised import run

LASTING = "fever-39"  # the same height, but for days
NO_DOSE_PERCENT = 0.001


def lesson_lines(scenario: Scenario, peak_percent: float) -> Iterator[str]:
    """Rate and dose side by side, and what would add far more; then the two pages."""
    dose_percent = summarise(run(scenario, Rig())).dose_percent
    yield ""
    yield (
        f"What it comes to: the rate changed by {signed(peak_percent, 0)} %, "
        f"the dose of 14 days by {dose_words(dose_percent)} %."
    )
    lasting = load(LASTING)
    lasting_percent = summarise(run(lasting, Rig())).dose_percent
    if lasting.title != scenario.title and dose_percent > NO_DOSE_PERCENT:
        times = lasting_percent / dose_percent
        many = f"{times:.0f}" if times < 10 else f"{10 * round(times / 10)}"
        yield f"Two days of fever add {dose_words(lasting_percent)} %: about {many} times that."
    yield "To teach it, `warmflow train --open`: the training page (/train) and the dashboard (/) of a virtual Pico."
    yield "For your own pump, `warmflow run`: the dashboard at http://127.0.0.1:8080/ and the training page at /train."

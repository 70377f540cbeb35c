"""The report as one HTML file that needs nothing else: no script, no request, dark on white, made to be printed."""

from importlib import resources

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from warmflow.notice import NOTICE
from warmflow.report import declared_rig, sentences
from warmflow.report.build import Report
from warmflow.report.data_quality import LISTED
from warmflow.report.plots import plots
from warmflow.report.verdict import LIMITS

KINDS = {
    "board": "The pump is emulated, and so is its flow meter; no liquid was measured.",
    "instrument": "Measured by the instrument named below; read from its file.",
    "simulated": "A simulated run: no pump and no instrument was there.",
}
STAMPS = {"board": "EMULATED PUMP", "simulated": "SIMULATED RUN"}
SETS = {"short": "Short windows", "long": "Long windows"}
METHOD = (
    "Time is pump time from the first reading on. A mean rate is the difference of the volume at both ends of its "
    "interval. An interval that touches a gap in time has no rate; a window that holds one is left out and counted.",
    "Trumpet curve: Ep(max) and Ep(min) are the extremes over j of S/P times the sum of 100 (Qi - r)/r over the P/S "
    "samples from j on, S the sample interval, P the window, r the rate of comparison; A is the mean error of all "
    "samples of the analysis period. The standard's text was not at hand. Published manuals and papers confirm, for "
    "pumps at a bedside: windows of 2, 5, 11, 19 and 31 min, samples of 0.5 min, a start-up curve of 120 min, analysis "
    "of the second hour; for pumps that are worn: a stabilisation of 24 h before the analysis, and windows of up to "
    "about 16 h. Chosen by this project: the long set of 15, 60, 150, 330, 570 and 930 min with samples of 15 min, its "
    "end at the end of the run, and the whole run as analysis period where a run is too short. Not verified: clause "
    "numbers, test liquid, back pressure, evaporation control, and all other conditions of the test.",
    "U of a window is what resolution and noise of the instrument make of one; the extreme of many windows is larger "
    "by chance than any one of them. Where U is not small against the extremes, they show the instrument and not "
    "the pump.",
    "This is a report of a bench and training emulator and proves no conformity with any standard.",
)


def html(report: Report) -> str:
    """The whole page."""
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    environment.filters |= {
        "short": sentences.short,
        "signed": sentences.signed,
        "flow": sentences.flow,
        "clock": sentences.clock,
        "span": sentences.span,
        "doubt": sentences.doubt_text,
        "shown": lambda text: text.replace("degC", "°C"),  # names of limits and titles are plain ASCII
    }
    template = environment.from_string(
        (resources.files("warmflow.report") / "html_page.html").read_text(encoding="utf-8")
    )
    drawn = {name: Markup(svg) for name, svg in plots(report).items()}  # texts are escaped there
    names = ("flow", "probe", "volume", "start_up", "trumpet_short", "trumpet_long", "sensitivity")
    return template.render(
        r=report,
        notice=NOTICE,
        kinds=KINDS,
        sets=SETS,
        fields=(sentences.lab_fields(report), sentences.run_fields(report)),
        rig=(*declared_rig.rows(report.declared), *report.record.declared, *sentences.rates(report)),
        number=sentences.number,
        quality=sentences.quality(report),
        accuracy=sentences.accuracy(report),
        doubt=sentences.doubt(report),
        place=sentences.place(report),
        method=METHOD,
        whys=list(dict.fromkeys(verdict.why for verdict in report.verdicts if verdict.why)),
        result=sentences.result(report),
        budget=sentences.budget(report),
        stamp=STAMPS.get(report.record.kind, ""),
        plots=dict.fromkeys(names, "") | drawn,
        listed=LISTED,
        css=_css,
        least=lambda name: LIMITS[name].least,
    )


def _css(text: str) -> Markup:
    """Text inside a CSS string: letters, digits and plain marks; anything else becomes a dash."""
    return Markup("".join(one if one.isalnum() or one in " -_.:/#" else "-" for one in text))

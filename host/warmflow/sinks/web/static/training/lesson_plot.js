// The course of a lesson: deviation of the flow and temperature of the pump on the lesson's own time axis, exposures
// shaded, steps marked. The axis has the whole lesson from the start, so that one sees how far it is.

import { el, mark, say as write } from "../core/dom.js";
import { brief, signed } from "./format.js";
import { LessonPlot } from "./plot.js";
import { FORTNIGHT_S, ribbon } from "./ribbon.js";
import { stage } from "./store.js";
import { say } from "./texts.js";

const LINES = [
  { name: "deviation_percent", scale: "percent", colour: "series-flow", fill: true },
  { name: "pump_c", scale: "temp", colour: "series-probe", dash: [6, 3] },
];
const SCALES = {
  percent: { least: 4, zero: true, side: 3, colour: "series-flow", sign: true },
  temp: { least: 1, side: 1, colour: "series-probe" },
};
const OPEN_MIN = 20; // an axis whose end nobody knows begins so long

/** What the ribbon shows of a run: its own time while it runs, then the fortnight; more only where a lesson is longer. */
export function stripOf({ clock, added, finished }) {
  const { t_s: timesS, columns } = stage.samples;
  const wholeS = clock.whole_s ?? OPEN_MIN * 60;
  const points = timesS.map((s, at) => [s, columns.deviation_percent?.[at] ?? 0]);
  return { points, spanS: finished ? Math.max(FORTNIGHT_S, wholeS) : wholeS, dosePercent: added.percent ?? 0 };
}

/** The plot with its legend. */
export function coursePlot(signal) {
  const plot = new LessonPlot({ lines: LINES, scales: SCALES, words: say("train.course"), signal });
  const top = el("span", { class: "peak number" });
  const legend = el(
    "p",
    { class: "legend" },
    el(
      "span",
      { class: "line flow" },
      `${say("number.deviation_percent.label")}, ${say("number.deviation_percent.unit")}`,
    ),
    el("span", { class: "line temp" }, `${say("number.pump_c.label")}, ${say("number.pump_c.unit")}`),
    el("span", { class: "shaded" }, say("train.exposure")),
    el("span", {}, say("train.axis")),
    top,
  );
  const strip = ribbon();
  const node = el("section", { class: "course", "aria-label": say("train.course") }, legend, plot.node, strip.node);
  let events = [];
  let asked = null;
  let now = null;

  function draw() {
    if (!now?.live) return;
    const { clock, steps, peak, finished } = now.live;
    const { t_s: timesS, columns } = stage.samples;
    const minute = (s) => (s - clock.begins_s) / 60;
    const last = minute(timesS.at(-1) ?? clock.t_s);
    const toMin = clock.whole_s === null ? Math.max(OPEN_MIN, last * 1.1) : minute(clock.whole_s);
    const marks = steps.flatMap(({ reached_s: s }, at) =>
      s === null ? [] : [{ atMin: minute(s), text: `${at + 1}`, strong: at + 1 === now.shown?.number }],
    );
    const words = say("train.course_words", {
      deviation: signed(now.live.drawing.deviation_percent ?? 0, 1, true),
      temp: signed(now.live.drawing.pump_c ?? 0, 1),
      peak: signed(peak.percent, 1, true),
    });
    mark(node, "data-finished", finished);
    strip.set(stripOf(now.live));
    write(top, say("train.peak_so_far", { peak: brief(peak.percent, true) }));
    plot.show(
      {
        data: [timesS.map(minute), ...LINES.map(({ name }) => columns[name] ?? timesS.map(() => null))],
        fromMin: minute(0),
        toMin,
        spans: events.map(({ from_s: from, to_s: to }) => [minute(from), minute(to)]),
        marks,
      },
      words,
    );
  }

  function set(state) {
    now = state;
    if (asked !== state.lesson) {
      asked = state.lesson;
      stage.before(asked).then(
        (before) => {
          events = before.events.filter(({ from_s: from, to_s: to }) => to > from);
          draw();
        },
        () => {},
      );
    }
    draw();
  }
  stage.addEventListener("samples", draw, { signal });
  return { node, set };
}

// Two runs side by side on one time axis: what the flow does, and what it adds to the dose; in large words who has the
// higher peak and who the larger dose.

import { el, mark, say as write } from "../core/dom.js";
import { known } from "../core/format.js";
import { brief, signed, span } from "./format.js";
import { LessonPlot } from "./plot.js";
import { asked } from "./store.js";
import { say } from "./texts.js";

// drawn once, so that lines may be wider than those that move
const COLOURS = ["series-a", "series-probe"];
const DASHES = [undefined, [6, 3]];
const PLOTS = [
  ["deviation_percent", { least: 4, zero: true, side: 3, sign: true }, false],
  ["added_percent", { least: 0.02, zero: true, side: 3, sign: true }, true],
];

/** The view of all comparisons of a lesson. */
export function compareView(before, signal) {
  const choices = el("div", { class: "group", role: "group", "aria-label": say("train.compare") });
  const words = el("div", { class: "verdicts" });
  const lesson = el("p", { class: "closing" });
  const wait = el("p", { role: "status" });
  const plots = PLOTS.map(([name, scale, times]) => {
    const lines = COLOURS.map((colour, at) => ({ scale: "y", colour, dash: DASHES[at], fill: at === 0, width: 2 }));
    const plot = new LessonPlot({ lines, scales: { y: scale }, words: say(`number.${name}.label`), times, signal });
    return {
      name,
      plot,
      node: el(
        "section",
        { class: "pair-plot" },
        el(
          "h3",
          {},
          `${say(`number.${name}.label`)}, ${say(`number.${name}.unit`)}${times ? ` · ${say("train.axis")}` : ""}`,
        ),
        plot.node,
      ),
    };
  });
  const node = el(
    "section",
    { class: "compare" },
    choices,
    wait,
    words,
    el("div", { class: "pair-plots" }, ...plots.map((each) => each.node)),
    lesson,
  );
  choices.append(
    ...before.compare.map((title, at) => el("button", { type: "button", onclick: () => choose(at) }, title)),
  );
  let chosen = null;

  async function choose(at) {
    chosen = at;
    for (const [number, button] of [...choices.children].entries()) mark(button, "aria-pressed", number === at);
    write(wait, say("train.computing"));
    mark(node, "data-shown", null);
    try {
      const found = await asked(`compare/${encodeURIComponent(before.name)}/${at}`);
      if (chosen !== at || signal.aborted) return;
      write(wait, "");
      show(found);
      mark(node, "data-shown", at);
    } catch (error) {
      write(wait, error.message);
    }
  }

  function show(found) {
    const names = namesOf(found.sides);
    words.replaceChildren(...verdicts(found, names));
    write(lesson, found.lesson);
    const minutes = found.minute;
    for (const { name, plot } of plots)
      plot.show(
        { data: [minutes, ...found.sides.map((side) => side[name])], fromMin: minutes[0], toMin: minutes.at(-1) },
        `${say(`number.${name}.label`)}: ${found.sides.map((side, at) => `${names[at]} ${brief(lastOf(side, name), true)} ${say(`number.${name}.unit`)}`).join("; ")}`,
      );
  }

  return { name: "compare", node, set: () => chosen === null && choose(0) };
}

/** A picture's words have the peak of what comes and goes, and the end of what adds up. */
const lastOf = (side, name) => (name === "added_percent" ? side.dose_percent : side.peak_percent);

/** What tells the two apart: the exposure, or else the rig. */
function namesOf(sides) {
  const [left, right] = sides.map(({ title, rig }) => ({ title: title.replace("degC", "°C"), rig }));
  if (left.title !== right.title)
    return left.rig === right.rig
      ? [left.title, right.title]
      : [left, right].map(({ title, rig }) => `${title}, ${rig}`);
  return [left.rig, right.rig];
}

function verdicts({ sides, higher_peak: higher, more_dose: more, times_dose: times }, names) {
  const figure = (at, value, unit, after) =>
    el(
      "div",
      { class: `side-${at}`, "data-side": at },
      el("span", { class: "mark" }, names[at]),
      el("strong", { class: "number big" }, `${brief(value, true)} ${unit}`),
      el("small", {}, after),
    );
  const block = (name, head, rows, ahead) =>
    el(
      "article",
      { "data-verdict": name, "data-side": ahead },
      el("h2", {}, head),
      el("div", { class: "two" }, ...rows),
    );
  const percent = say("guess.peak_percent.unit");
  const late = ({ peak_after_min: min }) =>
    Math.abs(min) < 0.5
      ? say("train.peak_at_end")
      : say(min > 0 ? "train.peak_at" : "train.peak_before", { span: span(Math.abs(min)) });
  return [
    block(
      "peak",
      higher === null ? say("train.same_peak") : say("train.higher_peak", { title: names[higher] }),
      sides.map((side, at) => figure(at, side.peak_percent, percent, late(side))),
      higher,
    ),
    block(
      "dose",
      more === null
        ? say("train.same_dose")
        : known(times)
          ? say("train.more_dose", { title: names[more], times: times >= 10 ? Math.round(times) : signed(times, 1) })
          : say("train.larger_dose", { title: names[more] }),
      sides.map((side, at) =>
        figure(
          at,
          side.dose_percent,
          percent,
          say("train.of_dose", { added: `${brief(side.added_ul, true)} ${say("number.added_ul.unit")}` }),
        ),
      ),
      more,
    ),
  ];
}

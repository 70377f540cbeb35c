// The head of a plot: its title, and each line as a button with a sample of how it is drawn and its value at the cursor, or
// the newest one. Pressing it hides the line, and leaves it out of what is saved.

import { el, mark, say } from "../core/dom.js";
import { known, value } from "../core/format.js";
import { MODELLED, PLOTS } from "../core/texts.js";
import { ofPlot } from "./series.js";

const SVG = "http://www.w3.org/2000/svg";

/** The head; `toggled(key)` is called for a line that is switched. */
export function legend(kind, shown, toggled) {
  const values = new Map();
  const deltas = new Map();
  const items = new Map();
  const buttons = ofPlot(kind).map((line) => {
    values.set(line.key, el("span", { class: "number" }));
    deltas.set(line.key, el("span", { class: "delta number" }));
    const name = line.kind === MODELLED ? `${line.label}, modelled` : line.label;
    const press = () => {
      toggled(line.key);
      mark(button, "aria-pressed", shown.has(line.key));
    };
    const button = el(
      "button",
      { type: "button", class: "line", "data-kind": line.kind, "aria-pressed": shown.has(line.key), onclick: press },
      sample(line),
      el("span", {}, name),
      values.get(line.key),
      deltas.get(line.key),
    );
    items.set(line.key, button);
    return button;
  });
  const { title, unit } = PLOTS[kind];
  const node = el("div", { class: "legend" }, el("h2", {}, title, " ", el("small", {}, unit)), ...buttons);
  return { node, values, deltas, items, kind };
}

/** Writes the values of a frame at a moment, and the differences between the marks. */
export function setLegend({ values, deltas, items, kind }, frame, atS, withinS, { A, B }) {
  const { digits } = PLOTS[kind];
  for (const [key, node] of values) {
    const number = frame.valueAt(key, atS, withinS);
    say(node, value(number, digits));
    mark(items.get(key), "data-empty", !known(number));
    const both = known(A) && known(B);
    const delta = both ? frame.valueAt(key, B, withinS) - frame.valueAt(key, A, withinS) : NaN;
    say(deltas.get(key), both ? `Δ ${value(delta, digits, "", true)}` : "");
  }
}

function sample({ colour, dash }) {
  const svg = document.createElementNS(SVG, "svg");
  const line = document.createElementNS(SVG, "line");
  for (const [name, given] of [
    ["width", 26],
    ["height", 10],
    ["aria-hidden", "true"],
    ["class", "sample"],
  ])
    svg.setAttribute(name, given);
  const points = [
    ["x1", 0],
    ["x2", 26],
    ["y1", 5],
    ["y2", 5],
    ["stroke-width", 2],
    ["stroke-dasharray", dash.join(" ")],
    ["stroke", `var(--${colour})`],
  ];
  for (const [name, given] of points) line.setAttribute(name, given);
  svg.append(line);
  return svg;
}

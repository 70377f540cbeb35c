// What lies between the marks, in figures: of each line that is shown, and what passed meanwhile.

import { el, say } from "../core/dom.js";
import { known, stretch, value } from "../core/format.js";
import { MODELLED, PLOTS } from "../core/texts.js";
import { SERIES } from "../plots/series.js";
import { passed, statistics } from "../plots/statistics.js";

const COLUMNS = ["", "mean", "min", "max", "s.d.", "slope"];
const TOTALS = ["delivered", "nominal", "excess"]; // their growth is the volume, and their mean tells nobody anything

/** The panel; `set` writes it, and hides it without both marks. */
export function statisticsPanel() {
  const head = el("p", { class: "number" });
  const body = el("tbody");
  const heads = COLUMNS.map((word) => el("th", { scope: "col" }, word));
  const table = el("table", { class: "statistics" }, el("thead", {}, el("tr", {}, ...heads)), body);
  const node = el(
    "section",
    { class: "panel", "aria-label": "Between the marks", hidden: true },
    el("h2", {}, "Between A and B"),
    head,
    table,
  );
  return { node, set: (view) => set({ node, head, body }, view) };
}

function set({ node, head, body }, { frame, marks: { A, B }, shown, referenceUlH, withinS }) {
  const both = known(A) && known(B) && A !== B;
  node.hidden = !both;
  if (!both) return;
  const { clockS, pumpS, volumeUl } = passed(frame, A, B, withinS, referenceUlH);
  const times = [`${stretch(clockS)} of the clock`, known(pumpS) ? `${stretch(pumpS)} of pump time` : ""];
  say(head, [...times, `volume ${value(volumeUl, 2, "µL")}`].filter(Boolean).join(" · "));
  const lines = SERIES.filter(({ key }) => shown.has(key) && !TOTALS.includes(key));
  const rows = lines.map((line) => cells(line, statistics(frame, line.key, A, B))).filter(Boolean);
  while (body.children.length > rows.length) body.lastElementChild.remove();
  rows.forEach((words, at) => {
    if (!body.children[at])
      body.append(el("tr", {}, el("th", { scope: "row" }), ...words.slice(1).map(() => el("td", { class: "number" }))));
    for (const [column, text] of words.entries()) say(body.children[at].children[column], text);
  });
}

/** The words of a row; null for a line without values there. A flow's slope is percent of its mean in an hour. */
function cells({ plot, label, kind }, { n, mean, min, max, sd, slopePerH }) {
  if (!n) return null;
  const { unit, digits } = PLOTS[plot];
  const name = `${label}${kind === MODELLED ? ", modelled" : ""}, ${unit}`;
  const slope =
    plot === "flow" ? value((100 * slopePerH) / mean, 1, "%/h", true) : value(slopePerH, digits, `${unit}/h`, true);
  return [name, ...[mean, min, max].map((each) => value(each, digits)), value(sd, digits + 1), slope];
}

// The deviation as a signed bar with its limits marked, and the point that the probe's warmth explains.

import { el, mark } from "../core/dom.js";
import { known, value } from "../core/format.js";
import { rateLimits } from "../core/limits.js";

export const END_PERCENT = 40; // what lies beyond ends in an arrow

const at = (percent) => 50 + (50 * Math.max(-END_PERCENT, Math.min(END_PERCENT, percent))) / END_PERCENT;

/** An empty bar; `withScale` writes the numbers below it. */
export function bar(withScale = false) {
  const track = el("div", { class: "bar-track" });
  const fill = el("div", { class: "bar-fill" });
  const explained = el("div", { class: "bar-explained" });
  const ticks = Array.from({ length: 6 }, () => el("span", { class: "bar-limit" }));
  track.append(...ticks, fill, el("span", { class: "bar-zero" }), explained);
  const node = el("div", { class: "bar", role: "img" }, track);
  if (withScale) node.append(scale());
  return Object.assign(node, { fill, explained, ticks });
}

/** Moves it; NaN or null empties it. */
export function setBar(node, deviation, explained, limits) {
  const marks = rateLimits(limits);
  marks.forEach(([percent, level], each) => {
    mark(node.ticks[each], "data-level", level);
    node.ticks[each].hidden = Math.abs(percent) >= END_PERCENT;
    node.ticks[each].style.left = `${at(percent)}%`;
  });
  const from = Math.min(50, at(deviation));
  const to = Math.max(50, at(deviation));
  node.fill.hidden = !known(deviation);
  node.explained.hidden = !known(explained);
  if (known(deviation)) {
    node.fill.style.left = `${from}%`;
    node.fill.style.width = `${to - from}%`;
    mark(node.fill, "data-beyond", Math.abs(deviation) > END_PERCENT ? (deviation > 0 ? "right" : "left") : null);
  }
  if (known(explained)) node.explained.style.left = `${at(explained)}%`;
  const words = known(deviation) ? `${value(deviation, 1, "%", true)} from the reference rate` : "deviation not known";
  const why = known(explained) ? `, the probe explains ${value(explained, 1, "%", true)}` : "";
  mark(
    node,
    "aria-label",
    `${words}${why}; limits ${marks.map(([percent]) => value(percent, 0, "", true)).join(", ")} %`,
  );
}

function scale() {
  const line = el("div", { class: "bar-scale", "aria-hidden": "true" });
  for (const percent of [-END_PERCENT, -25, -15, 0, 15, 25, END_PERCENT]) {
    const number = el("span", {}, value(percent, 0, Math.abs(percent) === END_PERCENT ? "%" : "", true));
    number.style.left = `${at(percent)}%`;
    line.append(number);
  }
  return line;
}

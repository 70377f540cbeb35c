// Temperature as colour: one scale for tissue, pump and water, from blue over grey to orange, which colour-blind eyes
// tell apart; the theme's style sheet has its colours. Never alone: the legend has ticks, and marks for the three numbers.

import { group, node, path, rect, text } from "./nodes.js";

/** Ticks of the scale, equally far apart on it: fine where a body lives, coarse where only a cold pump is. */
export const STOPS_C = [20, 30, 34, 36, 37, 38, 39, 40, 42];
const LAST = STOPS_C.length - 1;

/** Where a temperature is on the scale, from 0 to 1; what is beyond stands at its end. */
export function along(tempC) {
  if (tempC <= STOPS_C[0]) return 0;
  const at = STOPS_C.findIndex((stop) => tempC < stop);
  if (at === -1) return 1;
  const low = STOPS_C[at - 1];
  return (at - 1 + (tempC - low) / (STOPS_C[at] - low)) / LAST;
}

/** Gives a node of the class `d-warm` its colour, by names of the style sheet: a change of theme needs no code. */
export function paint(shape, tempC) {
  const at = along(tempC) * LAST;
  const low = Math.min(LAST - 1, Math.floor(at));
  const given = {
    "--low": `var(--warm-${low})`,
    "--high": `var(--warm-${low + 1})`,
    "--share": `${Math.round((at - low) * 100)}%`,
  };
  for (const [name, value] of Object.entries(given))
    if (shape.style.getPropertyValue(name) !== value) shape.style.setProperty(name, value);
}

/** A gradient that is painted later; `stops` are offsets. */
export function gradient(id, stops, from, to) {
  const [x1, y1] = from;
  const [x2, y2] = to;
  const made = node("linearGradient", { id, gradientUnits: "userSpaceOnUse", x1, y1, x2, y2 });
  made.append(...stops.map((offset) => node("stop", { class: "d-warm", offset })));
  return made;
}

/** The three marks: skin over the bar, core under it, the pump across it. Each stands beside its number, too. */
export const MARKS = { skin: "M -7 -12 H 7 L 0 0 Z", pump: "M 0 -8 L 8 0 L 0 8 L -8 0 Z", core: "M -7 12 H 7 L 0 0 Z" };

/** The legend: bar, ticks, marks that move. `place` is SCALE, or the small one. */
export function legend(words, id, place) {
  const { x, y, width, height, every } = place;
  const name = id(`scale-${every}`);
  const fill = gradient(
    name,
    STOPS_C.map((_, at) => at / LAST),
    [x, 0],
    [x + width, 0],
  );
  for (const [at, stop] of STOPS_C.entries()) paint(fill.children[at], stop);
  const bar = rect("d-line", x, y, width, height, 3);
  bar.setAttribute("fill", `url(#${name})`);
  const ticks = STOPS_C.map((stop, at) =>
    at % every ? null : text("d-tick", x + (width * at) / LAST, y + height + 29, String(stop), at ? "middle" : "start"),
  );
  const marks = Object.fromEntries(Object.entries(MARKS).map(([which, d]) => [which, path("d-mark", d)]));
  const title = text("d-name", x, y - 18, words("drawing.scale"));
  const whole = group(
    every > 1 ? "d-legend d-small-legend" : "d-legend",
    fill,
    bar,
    ...ticks,
    title,
    ...Object.values(marks),
  );
  const markY = { skin: y - 1, pump: y + height / 2, core: y + height + 1 };
  const show = (temps) => {
    for (const [which, mark] of Object.entries(marks))
      mark.setAttribute("transform", `translate(${(x + width * along(temps[which])).toFixed(1)} ${markY[which]})`);
  };
  return { whole, show };
}

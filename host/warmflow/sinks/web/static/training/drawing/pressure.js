// What the vapour pushes with, what stands against it, and what is left: three bars on one axis, from the same zero.

import { group, line, n, node, rect } from "./nodes.js";
import { PRESSURE } from "./places.js";

const RANGES_KPA = [240, 500]; // a low-pressure filling; one as n-butane
const { x, y, width, bar } = PRESSURE;
const TOP = y + 35;
const LOW = TOP + bar + 3;

/** The gauge. `show(drawn, start)`: dashed is where the vapour was at the start. */
export function pressures(id) {
  const hatch = node(
    "pattern",
    { id: id("hatch"), width: 6, height: 6, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" },
    line("d-hatch", 0, 0, 0, 6),
  );
  const made = (name, at) => rect(`d-bar ${name}`, x, at, 0, bar);
  const vapour = made("d-bar-vapour", TOP);
  const ambient = made("d-bar-ambient", LOW);
  const outlet = made("d-bar-outlet", LOW);
  const left = made("d-bar-drive", LOW);
  for (const one of [ambient, outlet]) one.setAttribute("fill", `url(#${id("hatch")})`);
  const zero = line("d-line", x, TOP - 4, x, LOW + bar + 4);
  const end = line("d-line", 0, TOP - 4, 0, LOW + bar + 4);
  const began = line("d-line d-dashed", 0, TOP - 7, 0, LOW + bar + 7);
  const show = (drawn, start) => {
    const against = drawn.ambient_kpa + drawn.outlet_kpa;
    const most = Math.max(drawn.vapour_kpa, against);
    const scale = width / (RANGES_KPA.find((range) => most <= range) ?? most);
    const place = (one, from, to) => {
      one.setAttribute("x", n(x + from * scale));
      one.setAttribute("width", n(Math.max(0, to - from) * scale));
    };
    place(vapour, 0, drawn.vapour_kpa);
    place(ambient, 0, drawn.ambient_kpa);
    place(outlet, drawn.ambient_kpa, against);
    place(left, against, drawn.vapour_kpa);
    upright(end, x + drawn.vapour_kpa * scale);
    upright(began, x + (start?.vapour_kpa ?? drawn.vapour_kpa) * scale);
  };
  return { whole: group("d-pressures d-left", hatch, vapour, ambient, outlet, left, zero, end, began), show };
}

function upright(mark, at) {
  for (const name of ["x1", "x2"]) mark.setAttribute(name, n(at));
}

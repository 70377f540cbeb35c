// The dose of a 14-day cycle as a column, and what was added to it (or is missing) in its true size: mostly nothing that
// an eye can see. A lens shows the column's top larger, and says by how much.

import { say } from "../../core/dom.js";
import { known } from "../../core/format.js";
import { circle, group, line, n, node, path, rect, text } from "./nodes.js";
import { COLUMN, COLUMN_LENS } from "./places.js";

const { x, top, bottom, width } = COLUMN;
const HEIGHT = bottom - top;
const DAYS = 14;
const ZOOMS = [100, 50, 20, 10, 5, 2];
const FITS = 0.8; // of the lens's radius

/** The column. `show(drawn)`. */
export function dose(words, id) {
  const days = Array.from({ length: DAYS - 1 }, (_, at) =>
    line("d-day", x, n(bottom - (HEIGHT * (at + 1)) / DAYS), x + 9, n(bottom - (HEIGHT * (at + 1)) / DAYS)),
  );
  const column = rect("d-column", x, top, width, HEIGHT);
  const added = rect("d-added", x, top, width, 0);
  const { x: cx, y: cy, r } = COLUMN_LENS;
  const clip = node("clipPath", { id: id("dose-lens") }, circle(null, cx, cy, r));
  const large = rect("d-column", cx - r, cy, 2 * r, r);
  const largeAdded = rect("d-added", cx - r, cy, 2 * r, 0);
  const usual = line("d-usual", cx - r, cy, cx + r, cy);
  const seen = group("d-dose-seen", circle("d-lens-ground", cx, cy, r), large, largeAdded, usual);
  seen.setAttribute("clip-path", `url(#${id("dose-lens")})`);
  const rays = path(
    "d-rays",
    `M ${x + width + 2} ${top - 3} L ${cx - r + 12} ${cy - r + 18} M ${x + width + 2} ${top + 3} L ${cx - r + 10} ${cy + r - 16}`,
  );
  const zoom = text("d-tick d-strong", cx, cy + r + 22, "", "middle");
  const show = (drawn) => {
    const percent = known(drawn.added_percent) ? drawn.added_percent : 0;
    const units = (percent / 100) * HEIGHT;
    const times = ZOOMS.find((one) => Math.abs(units) * one <= FITS * r) ?? 1;
    size(added, top, units);
    size(largeAdded, cy, units * times);
    for (const one of [added, largeAdded]) one.classList.toggle("d-missing", percent < 0);
    say(zoom, times === 1 ? words("drawing.true_size") : words("drawing.zoom", { times }));
  };
  return {
    whole: group("d-dose d-right", clip, column, ...days, added, rays, seen, circle("d-lens-ring", cx, cy, r), zoom),
    show,
  };
}

/** What is added stands on the column, what is missing is cut from it. */
function size(shape, from, units) {
  shape.setAttribute("y", n(units >= 0 ? from - units : from));
  shape.setAttribute("height", String(Math.abs(units)));
}

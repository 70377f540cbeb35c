// Labels with their numbers, and what a step points at: its label is reversed, its part has an outline and a leader.

import { mark, say } from "../../core/dom.js";
import { known } from "../../core/format.js";
import { MARKS } from "./colours.js";
import { figure, group, n, path, rect, text } from "./nodes.js";
import { BELLOWS, CATHETER, CHAMBER, COIL_BOX, COLUMN, COLUMN_LENS, LENS, PUCK, SIDE, SKIN } from "./places.js";
import { number } from "./texts.js";

const box = (x, y, right, bottom) => `M ${x} ${y} H ${right} V ${bottom} H ${x} Z`;
const ring = ({ x, y, r }) => {
  const wide = r + 3;
  const half = (to) => `a ${wide} ${wide} 0 1 1 ${to} 0`;
  return `M ${x - wide} ${y} ${half(2 * wide)} ${half(-2 * wide)}`;
};
const END = { anchor: "end" };

/** By part: where its name stands, its numbers, the leader from the label, and the outline. Some labels are no part. */
const LABELS = {
  heat: {
    at: [18, 76],
    figures: [["skin_c", 18, 101]],
    leader: "M 60 109 V 160",
    outline: `${SKIN.surface}`,
    mark: "skin",
  },
  pocket: {
    at: [18, 262],
    figures: [["pump_c", 18, 288]],
    leader: "M 106 257 H 168",
    outline: PUCK.pocket,
    mark: "pump",
  },
  core: { at: [18, 470], figures: [["core_c", 18, 496]], mark: "core" },
  reservoir: {
    at: [496, 76],
    figures: [["reservoir_ml", 496, 101]],
    leader: "M 490 71 H 452 L 398 266",
    outline: box(BELLOWS.x - 13, BELLOWS.top - 3, BELLOWS.right + 13, BELLOWS.top + BELLOWS.most + 10),
  },
  propellant: {
    at: [162, 450],
    figures: [["vapour_kpa", 162, 474]],
    leader: "M 180 432 V 336",
    outline: box(CHAMBER.x - 2, CHAMBER.y - 2, CHAMBER.right + 2, CHAMBER.bottom + 2),
  },
  restrictor: {
    at: [726, 186, END],
    figures: [["viscosity_mpa_s", 728, 311, { anchor: "end", small: true }]],
    outline: `${ring(LENS)} ${box(COIL_BOX.x - 2, COIL_BOX.y - 2, COIL_BOX.x + COIL_BOX.width + 2, COIL_BOX.y + COIL_BOX.height + 2)}`,
  },
  catheter: { at: [726, 464, END], figures: [], leader: "M 684 446 L 664 424", tube: true },
  artery: { at: [726, 510, END], figures: [], leader: "M 702 516 V 542" },
  drops: {
    at: [SIDE.x, 66],
    figures: [
      ["flow_ul_h", SIDE.x, 94],
      ["deviation_percent", SIDE.x, 120],
      ["reference_ul_h", SIDE.x, 168, { small: true }],
    ],
    tube: true,
  },
  dose: {
    at: [SIDE.x, 290],
    figures: [
      ["added_ul", SIDE.x, 316],
      ["added_percent", SIDE.x, 340],
      ["added_mg", SIDE.x, 364],
    ],
    outline: `${box(COLUMN.x - 5, COLUMN.top - 22, COLUMN.x + COLUMN.width + 5, COLUMN.bottom + 5)} ${ring(COLUMN_LENS)}`,
  },
};

/** All labels. `show(drawn, part, tubeD)`; `under` goes behind the catheter, `whole` on top of all. */
export function labels(words) {
  const under = group("d-off", path("d-around", CATHETER.placed), path("d-around-ground", CATHETER.placed));
  const outline = group("d-outline d-off", path("d-outline-ground", ""), path("d-outline-line", ""));
  const made = Object.entries(LABELS).map(([name, spec]) => [name, label(words, name, spec)]);
  const show = (drawn, part, tubeD) => {
    for (const [name, one] of made) one.show(drawn, name === part);
    const spec = LABELS[part] ?? {};
    for (const shape of outline.children) mark(shape, "d", spec.outline ?? "");
    outline.classList.toggle("d-off", !spec.outline);
    mark(under, "class", spec.tube ? "d-tube-outline" : "d-off");
    for (const shape of under.children) mark(shape, "d", tubeD);
  };
  return { under, whole: group("d-labels", outline, ...made.map(([, one]) => one.whole)), show };
}

function label(words, name, spec) {
  const [x, y, { anchor = null } = {}] = spec.at;
  const title = text("d-name", spec.mark ? x + 20 : x, y, words(`drawing.part_${name}`), anchor);
  const pill = rect("d-pill d-off", 0, 0, 0, 0, 5);
  const leader = spec.leader ? path("d-leader", spec.leader) : null;
  const sign = spec.mark ? path(`d-mark d-mark-${spec.mark}`, MARKS[spec.mark]) : null;
  const lift = { skin: 0, pump: -6, core: -12 }[spec.mark];
  sign?.setAttribute("transform", `translate(${x + 8} ${y + lift})`);
  const figures = spec.figures.map(([of, fx, fy, how]) => [of, figure(fx, fy, how), how]);
  for (const [, one, how] of figures) if (how?.small) one.classList.add("d-small");
  const where = x < 246 ? "d-left" : x >= SIDE.x ? "d-right" : "d-middle";
  const whole = group(`d-label ${where}`, leader, pill, sign, title, ...figures.map(([, one]) => one));
  whole.dataset.part = name;
  let lit = null;
  const show = (drawn, chosen) => {
    for (const [of, one] of figures) {
      say(one.value, of === "added_mg" && !known(drawn[of]) ? "" : number(words, drawn, of));
    }
    if (chosen === lit) return;
    lit = chosen;
    whole.classList.toggle("d-lit", chosen);
    pill.classList.toggle("d-off", !chosen);
    if (chosen) behind(pill, title, sign ? 20 : 0);
  };
  return { whole, show };
}

/** Sets a pill behind a text and the mark before it. */
export function behind(pill, title, before = 0) {
  const { x, y, width, height } = title.getBBox();
  for (const [name, given] of Object.entries({
    x: x - 7 - before,
    y: y - 2,
    width: width + 14 + before,
    height: height + 4,
  }))
    pill.setAttribute(name, n(given));
}

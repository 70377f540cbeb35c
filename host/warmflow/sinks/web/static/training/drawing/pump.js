// The puck: housing with dome and septum, the bellows that hang from its top plate with the drug inside, and around them
// the propellant, liquid and vapour. As the drug goes the bellows rise; the vapour's dots are as many as its kPa.

import { known } from "../../core/format.js";
import { paint } from "./colours.js";
import { EMPTY_ML } from "./flow_state.js";
import { group, line, n, node, path, rect, scatter } from "./nodes.js";
import { BELLOWS, CHAMBER, COIL_BOX, LIQUID, PUCK } from "./places.js";

const KPA_A_DOT = 2;
const MOST_DOTS = 220;
const ARROWS = [236, 278, 320, 362, 404];
const ARROW_KPA = 70; // of drive: the longest
const ARROW_LONG = 26;

/** The puck. `show(drawn)` sets the level at once, `ease(share)` brings it nearer; `drift(phase)` moves the vapour. */
export function pump(id) {
  const shell = path("d-shell d-warm", PUCK.shell);
  const chamber = rect("d-chamber", CHAMBER.x, CHAMBER.y, CHAMBER.width, CHAMBER.height, 7);
  const drug = path("d-drug", "");
  const walls = path("d-bellows", "");
  const liquid = path("d-liquid", "");
  const surface = path("d-surface", "");
  const plate = rect("d-plate", BELLOWS.x - 5, 0, BELLOWS.right - BELLOWS.x + 10, BELLOWS.plate, 2);
  const vapour = dots();
  const push = ARROWS.map((x) => path("d-push", `M ${x} 0 V 10 M ${x - 5} 6 L ${x} 0 L ${x + 5} 6`));
  const clip = node(
    "clipPath",
    { id: id("chamber") },
    rect(null, CHAMBER.x, CHAMBER.y, CHAMBER.width, CHAMBER.height, 7),
  );
  const inside = group("d-inside", liquid, surface, vapour.whole, drug, walls, plate, ...push);
  inside.setAttribute("clip-path", `url(#${id("chamber")})`);
  const bevel = path("d-bevel", PUCK.shell);
  const edge = node("clipPath", { id: id("shell") }, path(null, PUCK.shell));
  bevel.setAttribute("clip-path", `url(#${id("shell")})`);
  const box = rect("d-box", COIL_BOX.x, COIL_BOX.y, COIL_BOX.width, COIL_BOX.height, 6);
  const { x, y, width, height } = PUCK.septum;
  const top = group(
    "d-top",
    path("d-inlet", PUCK.inlet),
    rect("d-septum", x, y, width, height, 4),
    line("d-plate-top", CHAMBER.x, CHAMBER.y, CHAMBER.right, CHAMBER.y),
  );
  let target = BELLOWS.most;
  let now = null;
  let drive = 0;

  const set = (height) => {
    now = height;
    const bottom = BELLOWS.top + height;
    const full = (height - BELLOWS.least) / (BELLOWS.most - BELLOWS.least);
    drug.setAttribute("d", folds(height, true));
    walls.setAttribute("d", folds(height, false));
    plate.setAttribute("y", n(bottom));
    const level = CHAMBER.bottom - LIQUID.least - (LIQUID.most - LIQUID.least) * Math.min(1, full);
    liquid.setAttribute("d", `M ${CHAMBER.x} ${n(level)} H ${CHAMBER.right} V ${CHAMBER.bottom} H ${CHAMBER.x} Z`);
    surface.setAttribute("d", `M ${CHAMBER.x} ${n(level)} H ${CHAMBER.right}`);
    const under = bottom + BELLOWS.plate + 2;
    const long = Math.max(0, Math.min(1, drive / ARROW_KPA)) * ARROW_LONG;
    for (const [at, arrow] of push.entries()) arrow.setAttribute("d", long > 2 ? arrowUp(ARROWS[at], under, long) : "");
  };
  return {
    whole: group("d-pump", clip, edge, shell, bevel, chamber, inside, box, top),
    show(drawn, atOnce) {
      paint(shell, drawn.pump_c);
      vapour.show(drawn.vapour_kpa);
      drug.classList.toggle("d-off", known(drawn.reservoir_ml) && drawn.reservoir_ml <= EMPTY_ML);
      drive = drawn.drive_kpa ?? 0;
      target = heightOf(drawn.reservoir_ml ?? 0);
      set(atOnce || now === null ? target : now);
    },
    ease(share) {
      if (now !== null && Math.abs(target - now) > 0.05) set(now + (target - now) * share);
    },
    drift: vapour.drift,
  };
}

const heightOf = (ml) =>
  BELLOWS.least + (BELLOWS.most - BELLOWS.least) * Math.max(0, Math.min(1.05, ml / BELLOWS.full_ml));

const arrowUp = (x, y, long) =>
  `M ${x} ${n(y + long)} V ${n(y)} M ${x - 5} ${n(y + 6)} L ${x} ${n(y)} L ${x + 5} ${n(y + 6)}`;

/** Both sides in folds, as an accordion; closed for the drug, open for the walls. */
function folds(height, closed) {
  const count = 6;
  const step = height / count;
  const { x, right, top, fold } = BELLOWS;
  const down = [];
  const up = [];
  for (let at = 0; at < count; at += 1) {
    const middle = top + step * (at + 0.5);
    const end = top + step * (at + 1);
    down.push(`L ${right + fold} ${n(middle)} L ${right} ${n(end)}`);
    up.unshift(`L ${x - fold} ${n(middle)} L ${x} ${n(top + step * at)}`);
  }
  const right_ = `M ${right} ${top} ${down.join(" ")}`;
  const foot = n(top + height);
  return closed ? `${right_} L ${x} ${foot} ${up.join(" ")} Z` : `${right_} M ${x} ${foot} ${up.join(" ")}`;
}

/** Vapour: in three groups that sway against each other. A dot is 2 kPa. */
function dots() {
  const next = scatter(23);
  const groups = [0, 1, 2].map(() => group("d-vapour-layer"));
  const all = Array.from({ length: MOST_DOTS }, (_, at) => {
    const one = node("circle", {
      cx: n(CHAMBER.x + next() * CHAMBER.width),
      cy: n(CHAMBER.y + 4 + next() * (CHAMBER.height - 20)),
      r: 1.7,
    });
    groups[at % 3].append(one);
    return one;
  });
  const whole = group("d-vapour", ...groups);
  const show = (kpa) => {
    const count = Math.max(0, Math.min(MOST_DOTS, Math.round((kpa ?? 0) / KPA_A_DOT)));
    whole.dataset.dots = count;
    for (const [at, one] of all.entries()) one.classList.toggle("d-off", at >= count);
  };
  const drift = (phase) =>
    groups.forEach((one, at) => {
      const angle = 2 * Math.PI * (phase + at / 3);
      one.setAttribute(
        "transform",
        `translate(${n(3 * Math.cos(angle))} ${n(2.2 * Math.sin(angle * (at === 1 ? -1 : 1)))})`,
      );
    });
  return { whole, show, drift };
}

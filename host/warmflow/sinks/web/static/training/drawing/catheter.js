// From the pump to the artery: the restrictor's capillary, the catheter in its place or loose, blocked or leaking, and
// the artery of the liver.

import { paint } from "./colours.js";
import { capillary } from "./lens.js";
import { circle, group, n, node, path } from "./nodes.js";
import { ARTERY, ARTERY_WIDE, BLOCKED_AT, CATHETER, COIL, LEAK_AT, LOOSE_TIP } from "./places.js";

/** `show(drawn, reading, startRate)`; `lumen()` is the path that drops go along. */
export function catheter(id) {
  const wall = path("d-catheter", "");
  const lumen = path("d-lumen", "");
  const kink = cross();
  const hole = leak();
  const pool = puddle();
  const coil = group("d-coil", path("d-coil-wall", COIL), path("d-coil-fluid", COIL));
  const vessel = artery(id);
  const lens = capillary(id);
  let placed = null;
  const place = (d) => {
    if (d === placed) return;
    placed = d;
    wall.setAttribute("d", d);
    lumen.setAttribute("d", d);
    const stands = (mark, share) => {
      const at = lumen.getPointAtLength(lumen.getTotalLength() * share);
      mark.setAttribute("transform", `translate(${n(at.x)} ${n(at.y)})`);
    };
    stands(kink, BLOCKED_AT);
    stands(hole, LEAK_AT);
  };
  place(CATHETER.placed);
  const show = (drawn, { state, rate }, startRate) => {
    place(state === "loose" ? CATHETER.loose : CATHETER.placed);
    for (const [mark, of] of [
      [kink, "blocked"],
      [hole, "leak"],
      [pool, "loose"],
    ])
      mark.classList.toggle("d-off", state !== of);
    paint(vessel.firstChild, drawn.core_c);
    lens.show(drawn.viscosity_mpa_s, rate, startRate);
  };
  return {
    whole: group("d-line-out", pool, vessel, coil, lens.whole),
    tube: group("d-tube", wall, lumen),
    marks: group("d-faults", kink, hole),
    show,
    lumen: () => lumen,
  };
}

function artery(id) {
  const wide = (name, width) => node("path", { class: name, d: ARTERY, "stroke-width": width });
  const blood = ["M 552 616 l 14 -10", "M 582 604 l 16 -8", "M 700 562 l 24 -3", "M 690 550 l 18 -3"].map((d) =>
    path("d-blood", d),
  );
  const whole = group(
    "d-artery",
    wide("d-artery-blood d-warm-line", ARTERY_WIDE - 8),
    wide("d-artery-wall", ARTERY_WIDE),
    ...blood,
  );
  whole.setAttribute("clip-path", `url(#${id("panel")})`);
  return whole;
}

function cross() {
  return group(
    "d-cross",
    circle("d-cross-ground", 0, 0, 15),
    circle("d-cross-ring", 0, 0, 15),
    path("d-cross-arms", "M -7 -7 L 7 7 M 7 -7 L -7 7"),
  );
}

function leak() {
  return group(
    "d-leak",
    path("d-crack", "M -9 -6 L -3 2 L 3 -3 L 9 6"),
    path("d-astray", drop(14, 22, 5) + drop(-2, 30, 4) + drop(22, 38, 3.4)),
  );
}

function puddle() {
  const { x, y } = LOOSE_TIP;
  const spread = path("d-puddle-area", "M 6 8 C -4 -18 -44 -18 -60 -2 S -52 24 -24 20 S 12 24 6 8 Z");
  spread.setAttribute("transform", `translate(${x} ${y})`);
  return group("d-puddle", spread);
}

/** A falling drop's outline. */
export function drop(x, y, r) {
  const side = (sign) => [n(x + sign * r), n(y + 0.2 * r)];
  const down = `C ${n(x + 0.9 * r)} ${n(y - 0.6 * r)} ${n(x + r)} ${n(y - 0.2 * r)} ${side(1).join(" ")}`;
  const up = `C ${n(x - r)} ${n(y - 0.2 * r)} ${n(x - 0.9 * r)} ${n(y - 0.6 * r)} ${x} ${n(y - 1.9 * r)}`;
  return `M ${x} ${n(y - 1.9 * r)} ${down} A ${r} ${r} 0 0 1 ${side(-1).join(" ")} ${up} Z `;
}

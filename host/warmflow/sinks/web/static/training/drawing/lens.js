// A lens on the restrictor's capillary: a fluid as dark as it is thick, and how fast its middle goes against its edge;
// dashed, the front that it had at the start.

import { circle, group, line, n, node, path, rect } from "./nodes.js";
import { LENS } from "./places.js";

const FRONT = [-0.8, -0.6, -0.4, -0.2, 0, 0.2, 0.4, 0.6, 0.8];
const LONG = 46; // of the fluid's middle at the reference rate
const MOST = 1.75;
const THIN = 0.6;
const THICK = 1.0; // mPa·s: the palest and the darkest fluid
const { x, y, r, bore } = LENS;
const FROM = x - r + 14;

/** The lens. `show(viscosity, rate, startRate)`: rates are of the reference rate. */
export function capillary(id) {
  const bored = (name) => rect(name, x - r, y - bore, 2 * r, 2 * bore);
  const edge = (at) => line("d-lens-edge", x - r, at, x + r, at);
  const fluid = bored("d-lens-fluid");
  const arrows = path("d-lens-arrows", "");
  const front = path("d-lens-front", "");
  const clip = node("clipPath", { id: id("lens") }, circle(null, x, y, r));
  const wall = circle("d-lens-wall", x, y, r);
  const seen = group("d-lens-seen", wall, bored("d-chamber"), fluid, edge(y - bore), edge(y + bore), front, arrows);
  seen.setAttribute("clip-path", `url(#${id("lens")})`);
  const rays = path("d-rays", `M 560 279 L ${x - 22} ${y - r + 6} M 562 300 L ${x - 30} ${y + r - 10}`);
  const whole = group("d-lens", clip, rays, seen, circle("d-lens-ring", x, y, r), circle("d-lens-from", 552, 290, 12));
  const show = (viscosity, rate, startRate) => {
    fluid.setAttribute("fill-opacity", n(0.12 + 0.6 * Math.max(0, Math.min(1, (viscosity - THIN) / (THICK - THIN)))));
    arrows.setAttribute(
      "d",
      rate
        ? profile(rate)
            .filter((_, at) => at % 2 === 0)
            .map(arrow)
            .join(" ")
        : "",
    );
    const began = profile(startRate)
      .map(([to, at]) => `${n(to)} ${n(at)}`)
      .join(" L ");
    front.setAttribute("d", `M ${FROM} ${y - bore} L ${began} L ${FROM} ${y + bore}`);
  };
  return { whole, show };
}

/** Where the fluid of a moment is after the next: a parabola, as of any laminar flow. */
const profile = (rate) =>
  FRONT.map((rank) => [FROM + Math.min(MOST, rate) * LONG * (1 - rank * rank), y + rank * (bore - 2)]);

const arrow = ([to, at]) =>
  `M ${FROM} ${n(at)} H ${n(to)} M ${n(to - 4)} ${n(at - 3)} L ${n(to)} ${n(at)} L ${n(to - 4)} ${n(at + 3)}`;

// Tissue and what is outside of it: skin, fat, muscle with their own textures, coloured from the skin's temperature to
// the core's; and the way the heat goes, in or out.

import { gradient, paint } from "./colours.js";
import { group, line, n, node, path, scatter } from "./nodes.js";
import { CM, MUSCLE, PANEL, SKIN } from "./places.js";

const CELLS = 150;
const FIBRES = 15;
const WAVES = [66, 84, 102];

/** Everything behind the pump. `show(drawn)` colours it. */
export function body(id) {
  const outside = gradient(id("outside"), [0, 1], [0, PANEL.y], [0, 175]);
  const tissue = gradient(id("tissue"), [0, 0.28, 0.75], [0, 140], [0, 470]);
  const clips = [
    node(
      "clipPath",
      { id: id("panel") },
      node("rect", { x: 0, y: PANEL.y, width: PANEL.width, height: PANEL.height, rx: 10 }),
    ),
    node("clipPath", { id: id("body") }, path(null, SKIN.body)),
  ];
  const filled = (d, gradientId) => node("path", { d, fill: `url(#${id(gradientId)})` });
  const layers = group(
    "d-tissue",
    filled(SKIN.outside, "outside"),
    waves(),
    filled(SKIN.body, "tissue"),
    fat(id),
    path("d-muscle", MUSCLE.area),
    fibres(),
    path("d-fascia", MUSCLE.fascia),
    skin(),
    centimetre(),
  );
  layers.setAttribute("clip-path", `url(#${id("panel")})`);
  const [top, low] = outside.querySelectorAll("stop");
  const [under, middle, deep] = tissue.querySelectorAll("stop");
  top.classList.add("d-far");
  const heat = heatWays();
  const show = (drawn) => {
    for (const stop of [top, low, under]) paint(stop, drawn.skin_c);
    paint(middle, drawn.pump_c);
    paint(deep, drawn.core_c);
    heat.show(drawn);
  };
  return { whole: group("d-body", outside, tissue, ...clips, layers, heat.whole), show, drift: heat.drift };
}

function skin() {
  const deeper = (by, name = "d-skin-grain") => {
    const one = path(name, SKIN.surface);
    one.setAttribute("transform", `translate(0 ${by})`);
    return one;
  };
  return group(
    "d-skin-layers",
    deeper(5.5, "d-skin-band"),
    path("d-skin", SKIN.surface),
    deeper(4),
    deeper(7.5),
    deeper(SKIN.thick, "d-skin-under"),
  );
}

/** Lobules, as fat has them under a lens; smaller towards the skin. */
function fat(id) {
  const next = scatter(7);
  const cells = [];
  for (let at = 0; at < CELLS; at += 1) {
    const x = next() * PANEL.right;
    const y = 168 + next() * 222;
    const r = 6 + next() * 8;
    cells.push(
      node("ellipse", {
        cx: n(x),
        cy: n(y),
        rx: n(r * 1.25),
        ry: n(r),
        transform: `rotate(${n(next() * 60 - 30)} ${n(x)} ${n(y)})`,
      }),
    );
  }
  const whole = group("d-fat", ...cells);
  whole.setAttribute("clip-path", `url(#${id("body")})`);
  return whole;
}

function fibres() {
  const next = scatter(11);
  return group(
    "d-fibres",
    ...Array.from({ length: FIBRES }, (_, at) => {
      const y = 408 + at * 14 + next() * 4;
      const bend = 5 + next() * 6;
      return path(null, `M ${n(-20 + next() * 60)} ${n(y)} q 120 ${n(-bend)} 250 0 t 250 0 t 260 ${n(-bend / 2)}`);
    }),
  );
}

function waves() {
  return group(
    "d-waves",
    ...WAVES.map((y, at) => path(null, `M ${250 + at * 8} ${y} q 14 -7 28 0 t 28 0 t 28 0 t 28 0`)),
  );
}

function centimetre() {
  const x = 18;
  const y = 592;
  return group(
    "d-cm",
    line(null, x, y, x + CM, y),
    line(null, x, y - 5, x, y + 5),
    line(null, x + CM, y - 5, x + CM, y + 5),
  );
}

const SKIN_WAYS = [
  [222, 204, 0],
  [526, 204, 0],
];
const CORE_WAYS = [[122, 386, 40]]; // turned to the pump
const EVEN_C = 0.15;

/** Chevrons between skin and pump, and core and pump: they point to where the heat goes, and grow with the difference. */
function heatWays() {
  const made = [...SKIN_WAYS.map((at) => way(at, "skin_c")), ...CORE_WAYS.map((at) => way(at, "core_c"))];
  return {
    whole: group("d-heat", ...made.map((one) => one.whole)),
    show(drawn) {
      for (const one of made) one.show(drawn);
    },
    drift(phase) {
      for (const one of made) one.drift(phase);
    },
  };
}

function way([x, y, turned], from) {
  const marks = Array.from({ length: 3 }, () => path("d-chevron", "M -7 -4 L 0 4 L 7 -4"));
  const whole = group("d-way", ...marks);
  whole.setAttribute("transform", `translate(${x} ${y}) rotate(${turned})`);
  let size = 0;
  let sign = 1;
  const drift = (phase) =>
    marks.forEach((mark, at) => {
      const share = (at + phase) / marks.length;
      mark.setAttribute(
        "transform",
        `translate(0 ${n(sign * (share - 0.5) * 34)}) scale(${n(size)} ${n(sign * size)})`,
      );
      mark.setAttribute("opacity", n(Math.sin(Math.PI * Math.min(1, Math.max(0, share)))));
    });
  const show = (drawn) => {
    const warmer = drawn[from] - drawn.pump_c;
    sign = Math.sign(warmer) * (from === "skin_c" ? 1 : -1) || 1;
    size = Math.abs(warmer) < EVEN_C ? 0 : Math.min(1.5, 0.55 + Math.abs(warmer) / 5);
    drift(0.5);
  };
  return { whole, show, drift };
}

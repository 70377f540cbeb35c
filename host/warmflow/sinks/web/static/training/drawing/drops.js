// Drops along the catheter: as many, and as many a second, as the flow is of its reference rate. All go equally fast, so
// that a picture that stands tells the flow, too.

import { drop } from "./catheter.js";
import { DROP_S, DROPS_AT_REFERENCE } from "./flow_state.js";
import { group, n, path } from "./nodes.js";

const POOL = 48;
const SIZE = 5.2;
const STEPS = 240;
const EASE_S = 0.6;

/** `show(lumen, reading, atOnce)`, `step(seconds)`. */
export function drops() {
  const all = Array.from({ length: POOL }, () => path("d-drop d-off", drop(0, 0, SIZE)));
  const whole = group("d-drops", ...all);
  let points = [];
  let along = null;
  let rate = 0;
  let spacing = 0;
  let phase = 0.5;
  let count = 0;
  let arriving = 1;
  let first = 0;
  let leakAt = 1;

  const place = () => {
    const gap = rate > 0 ? spacing : Infinity;
    let shown = 0;
    all.forEach((one, at) => {
      const share = gap === Infinity ? 2 : (at + phase) * gap;
      const gone = share > leakAt && lost(first - at, arriving);
      const seen = share <= 1 && !gone;
      one.classList.toggle("d-off", !seen);
      if (!seen) return;
      shown += 1;
      const [x, y] = points[Math.round(share * STEPS)];
      one.setAttribute("transform", `translate(${x} ${y})`);
    });
    if (shown !== count) whole.dataset.count = count = shown;
  };
  return {
    whole,
    show(lumen, reading, atOnce) {
      if (along !== lumen.getAttribute("d")) {
        along = lumen.getAttribute("d");
        points = sampled(lumen);
      }
      const begins = rate === 0;
      ({ rate } = reading);
      arriving = reading.state === "leak" ? reading.arriving : 1;
      leakAt = reading.state === "leak" ? 0.5 : 2;
      whole.dataset.perS = (rate / DROP_S).toFixed(4);
      if (atOnce || begins) spacing = rate > 0 ? 1 / (rate * DROPS_AT_REFERENCE) : 0;
      if (atOnce) phase = 0.5;
      place();
    },
    step(dtS) {
      if (!rate) return;
      spacing += (1 / (rate * DROPS_AT_REFERENCE) - spacing) * Math.min(1, dtS / EASE_S);
      phase += (rate * dtS) / DROP_S;
      while (phase >= 1) {
        phase -= 1;
        first += 1;
      }
      place();
    },
  };
}

/** Whether the drop of this number is one of those that do not arrive. */
const lost = (number, arriving) => Math.floor((number + 1) * arriving) === Math.floor(number * arriving);

function sampled(lumen) {
  const whole = lumen.getTotalLength();
  return Array.from({ length: STEPS + 1 }, (_, at) => {
    const { x, y } = lumen.getPointAtLength((whole * at) / STEPS);
    return [n(x), n(y)];
  });
}

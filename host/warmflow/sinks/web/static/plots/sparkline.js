// The last minutes of a pump's flow in a small picture: one point a second, the limits behind it, holes as holes.

import { known } from "../core/format.js";
import { SPARK_S } from "../core/store.js";
import { colour } from "../core/theme.js";

const HOLE_S = 3;

/** Draws the ring into the canvas; `judged` is what is known of the pump. */
export function drawSpark(canvas, ring, nowS, { last, live, limits }) {
  const dpr = devicePixelRatio || 1;
  const width = canvas.clientWidth;
  const height = canvas.clientHeight;
  if (!width) return;
  if (canvas.width !== Math.round(width * dpr)) canvas.width = Math.round(width * dpr);
  if (canvas.height !== Math.round(height * dpr)) canvas.height = Math.round(height * dpr);
  const draw = canvas.getContext("2d");
  draw.setTransform(dpr, 0, 0, dpr, 0, 0);
  draw.clearRect(0, 0, width, height);
  const { time_s: times, flow_mean_ul_h: flows } = ring.columns;
  const first = ring.from(nowS - SPARK_S);
  const reference = last?.reference_flow_ul_h;
  const [low, high] = span(flows, first, ring.n, reference);
  const x = (timeS) => width * (1 - (nowS - timeS) / SPARK_S);
  const y = (flow) => Math.round(2 + (height - 4) * (1 - (flow - low) / (high - low))) + 0.5;
  if (known(reference)) band(draw, width, y, reference, limits);
  draw.strokeStyle = colour(live ? "series-flow" : "dim");
  draw.lineWidth = 1;
  draw.beginPath();
  for (let i = first, beforeS = -Infinity; i < ring.n; i += 1) {
    if (!known(flows[i])) continue;
    if (times[i] - beforeS > HOLE_S) draw.moveTo(x(times[i]), y(flows[i]));
    else draw.lineTo(x(times[i]), y(flows[i]));
    beforeS = times[i];
  }
  draw.stroke();
}

/** Up to where the flow is not far off: the medium level. */
function band(draw, width, y, reference, limits) {
  const top = y(reference * (1 + limits.rate_medium_above_percent / 100));
  const bottom = y(reference * (1 - limits.rate_medium_below_percent / 100));
  draw.fillStyle = colour("spark-band");
  draw.fillRect(0, top, width, bottom - top);
  draw.strokeStyle = colour("faint");
  draw.lineWidth = 1;
  draw.setLineDash([2, 3]);
  draw.beginPath();
  draw.moveTo(0, y(reference));
  draw.lineTo(width, y(reference));
  draw.stroke();
  draw.setLineDash([]);
}

/** Lowest and highest of the flow and of the band about the reference rate. */
function span(flows, first, n, reference) {
  let low = known(reference) ? reference * 0.8 : Infinity;
  let high = known(reference) ? reference * 1.2 : -Infinity;
  for (let i = first; i < n; i += 1) {
    if (flows[i] < low) low = flows[i];
    if (flows[i] > high) high = flows[i];
  }
  return low < high ? [low, high] : [(low || 1) * 0.9, (low || 1) * 1.1];
}

// Behind the flow: the reference rate, the label's rate, and the limits about the reference with their words.

import { known, value } from "../core/format.js";
import { rateLimits } from "../core/limits.js";
import { colour } from "../core/theme.js";

const DASHES = { low: [2, 4], medium: [6, 4], high: [] };

/** What is drawn across a plot of the flow: [rate, words, colour, dash]; the first ones count most. */
function rules({ referenceUlH, labelUlH, limits }) {
  const found = [];
  if (known(referenceUlH)) {
    found.push([referenceUlH, "reference", "text", [1, 3]]);
    for (const [percent, level] of rateLimits(limits)) {
      const words = value(percent, Number.isInteger(percent) ? 0 : 1, "%", true);
      found.push([referenceUlH * (1 + percent / 100), words, `level-${level}`, DASHES[level]]);
    }
  }
  if (known(labelUlH)) found.push([labelUlH, "label", "dim", [12, 3, 2, 3]]);
  return found;
}

/** The lines, behind the course; rates in µL/h, what is not known is left out. */
export function drawLimits(u, rates) {
  const { ctx, bbox } = u;
  const dpr = devicePixelRatio || 1;
  ctx.save();
  clip(ctx, bbox);
  if (known(rates.referenceUlH)) {
    const [high, low] = rateLimits(rates.limits); // the lowest level: within it all is well
    const [top, bottom] = [high, low].map(([percent]) => heightOf(u, rates.referenceUlH * (1 + percent / 100)));
    ctx.fillStyle = colour("spark-band");
    ctx.fillRect(bbox.left, top, bbox.width, bottom - top);
  }
  for (const [rate, , stroke, dash] of rules(rates)) {
    ctx.strokeStyle = colour(stroke);
    ctx.lineWidth = dpr;
    ctx.setLineDash(dash.map((each) => each * dpr));
    ctx.beginPath();
    ctx.moveTo(bbox.left, heightOf(u, rate));
    ctx.lineTo(bbox.left + bbox.width, heightOf(u, rate));
    ctx.stroke();
  }
  ctx.restore();
}

/** Their words, in the margin at the right, so that they lie on no data; words that would lie on others are left out. `textPx`:
 * of the axes. */
export function writeLimits(u, rates, textPx) {
  const { ctx, bbox } = u;
  const px = ((devicePixelRatio || 1) * textPx) / 12; // of a text of 12 px
  const taken = [];
  ctx.save();
  ctx.font = `${11 * px}px system-ui, sans-serif`;
  ctx.textBaseline = "middle";
  ctx.textAlign = "left";
  for (const [rate, words, ink] of rules(rates)) {
    const y = heightOf(u, rate);
    if (y < bbox.top || y > bbox.top + bbox.height || taken.some((other) => Math.abs(other - y) < 12 * px)) continue;
    taken.push(y);
    ctx.fillStyle = colour(ink);
    ctx.fillText(words, bbox.left + bbox.width + 4 * px, y);
  }
  ctx.restore();
}

const heightOf = (u, flow) => Math.round(u.valToPos(flow, "y", true)) + 0.5;

function clip(ctx, { left, top, width, height }) {
  ctx.beginPath();
  ctx.rect(left, top, width, height);
  ctx.clip();
}

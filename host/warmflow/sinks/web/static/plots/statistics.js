// Figures of a line between two moments, out of the rows that are drawn there. Pure. Each row counts the same: a view in spans
// gives the mean of the spans' means, and their lowest and highest values.

import { known } from "../core/format.js";
import { firstAtOrAfter } from "../core/ring_buffer.js";
import { EDGES } from "./series.js";

/** {n, mean, min, max, sd, slopePerH} of a column of a frame, from A to B in any order; NaN for what too few rows give. */
export function statistics(frame, key, aS, bS) {
  const [fromS, toS] = [Math.min(aS, bS), Math.max(aS, bS)];
  const times = frame.column("time_s");
  const values = frame.column(key);
  const [lows, highs] = (EDGES[key] ?? [key, key]).map((name) => frame.column(name));
  const first = firstAtOrAfter(times, frame.n, fromS);
  let n = 0;
  let [mean, meanS, square, squareS, both] = [0, 0, 0, 0, 0]; // updated row by row: sums of large numbers would lose digits
  let [min, max] = [Infinity, -Infinity];
  for (let row = first; row < frame.n && times[row] <= toS; row += 1) {
    if (!known(values[row])) continue;
    n += 1;
    const away = values[row] - mean;
    const awayS = times[row] - fromS - meanS;
    mean += away / n;
    meanS += awayS / n;
    square += away * (values[row] - mean);
    squareS += awayS * (times[row] - fromS - meanS);
    both += away * (times[row] - fromS - meanS);
    min = Math.min(min, known(lows[row]) ? lows[row] : values[row]);
    max = Math.max(max, known(highs[row]) ? highs[row] : values[row]);
  }
  if (!n) return { n, mean: NaN, min: NaN, max: NaN, sd: NaN, slopePerH: NaN };
  const sd = n > 1 ? Math.sqrt(square / (n - 1)) : NaN;
  const slopePerH = squareS > 0 ? (3600 * both) / squareS : NaN;
  return { n, mean, min, max, sd, slopePerH };
}

/** What passed between the marks: clock time, volume, and pump time, at the speed that each reading had. NaN where unknown. */
export function passed(frame, aS, bS, withinS, referenceUlH) {
  const between = (key) =>
    frame.valueAt(key, Math.max(aS, bS), withinS) - frame.valueAt(key, Math.min(aS, bS), withinS);
  return {
    clockS: Math.abs(bS - aS),
    volumeUl: between("delivered"),
    pumpS: referenceUlH > 0 ? (3600 * between("nominal")) / referenceUlH : NaN,
  };
}

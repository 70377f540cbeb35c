// Columns on one time grid, ready to be drawn: rows of the history, then rows that came live, with the modelled values
// held beside them. Pure but for its own arrays, which are as large as they will ever be.

import { known } from "../core/format.js";
import { firstAtOrAfter } from "../core/ring_buffer.js";
import { FRAME, OF_RAW, OF_SPANS, OF_TRUTH } from "./series.js";

const HELD_S = 3; // a modelled value counts so long

export class Frame {
  constructor(capacity) {
    this.capacity = capacity;
    this.full = Object.fromEntries(FRAME.map((name) => [name, new Float64Array(capacity)]));
    this.endsS = new Float64Array(capacity); // when a row's total was counted: a span's at its end, a reading's at its time
    this.begin();
  }

  begin() {
    this.n = 0;
    this.stepS = 0;
  }

  /** Rows [from, to) of columns as a message has them. kind: "raw", or "spans" of `spanS`; the last one may end before, at `untilS`. */
  add(columns, kind, from, to, spanS = 0, untilS = Infinity) {
    const count = Math.min(to - from, this.capacity - this.n);
    if (count <= 0) return;
    const names = kind === "raw" ? OF_RAW : OF_SPANS;
    const given = Object.fromEntries(Object.entries(names).map(([theirs, ours]) => [ours, columns[theirs]]));
    for (const name of FRAME) {
      const own = this.full[name];
      const source = name === "time_s" ? columns.time_s : given[name];
      if (source) own.set(source.subarray(to - count, to), this.n);
      else own.fill(NaN, this.n, this.n + count);
    }
    for (let row = this.n; row < this.n + count; row += 1) {
      const timeS = this.full.time_s[row];
      this.endsS[row] = Math.max(timeS, Math.min(timeS + spanS, untilS));
    }
    this.n += count;
  }

  /** Modelled values at the times of the rows: the last one before, if it is not too old. */
  hold(truth) {
    const times = this.full.time_s;
    const theirs = truth.columns.time_s;
    const longestS = Math.max(HELD_S, this.stepS);
    let at = 0;
    for (let row = 0; row < this.n; row += 1) {
      while (at + 1 < truth.n && theirs[at + 1] <= times[row]) at += 1;
      if (!truth.n || theirs[at] > times[row] || times[row] - theirs[at] > longestS) continue;
      for (const [name, ours] of Object.entries(OF_TRUTH)) this.full[ours][row] = truth.columns[name][at];
    }
  }

  /** Delivered since the first row at or after `fromS`, what the reference rate would have delivered at the speed that each
   *  row had, and the difference. `elseUlH` counts for rows whose rate nobody declared. */
  reckon(fromS, elseUlH) {
    const { endsS } = this;
    const { time_s: times, total, delivered, nominal, nominal_rate: rates, excess } = this.full;
    let first = firstAtOrAfter(times, this.n, fromS);
    while (first < this.n && !known(total[first])) first += 1;
    for (let row = 0; row < this.n; row += 1) {
      delivered[row] = total[row] - total[first];
      const passedH = row > first ? (endsS[row] - endsS[row - 1]) / 3600 : 0;
      const rate = known(rates[row]) ? rates[row] : elseUlH;
      nominal[row] = row < first ? NaN : row === first ? 0 : nominal[row - 1] + passedH * rate;
      excess[row] = delivered[row] - nominal[row];
    }
  }

  column(name) {
    return this.full[name].subarray(0, this.n);
  }

  /** Value of a column at the row nearest to a time; NaN where there is none near. */
  valueAt(name, timeS, withinS) {
    const times = this.full.time_s;
    const after = firstAtOrAfter(times, this.n, timeS);
    const near = [after - 1, after].filter(
      (row) => row >= 0 && row < this.n && Math.abs(times[row] - timeS) <= withinS,
    );
    const best = near
      .sort((a, b) => Math.abs(times[a] - timeS) - Math.abs(times[b] - timeS))
      .find((row) => known(this.full[name][row]));
    return best === undefined ? NaN : this.full[name][best];
  }
}

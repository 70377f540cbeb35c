// The course of one pump: a stretch out of the journal, and behind its end what came live. It asks the journal again where
// the view leaves what it has, wants it finer, or where a hole may have been filled since.

import { Frame } from "./frame.js";
import { POINTS, readings } from "./history.js";
import { model } from "./model.js";
import { Ring, firstAtOrAfter } from "./rings.js";
import { isLive, windowOf } from "./view.js";

const RAW_ROWS = 40000, SECOND_ROWS = 7200, TRUTH_ROWS = 14400;
const RAW_LONGEST_S = 900; // longer views go on in seconds
const LATE_S = [0, 2, 5, 12, 30, 60, 120]; // after a hole: boards bring what they kept a little later
const OPENED_S = [0, 1, 3];
const names = (text) => text.split(" ");

export class Course {
  received = 0;
  failed = "";
  #base = null;
  #busy = false;
  #wanted = null;
  #holes = [];

  /** `changed()` is called when history has come. */
  constructor(pump, changed) {
    this.pump = pump;
    this.changed = changed;
    this.raw = new Ring(names("time_s flow_ul_h probe_c ambient_kpa delivered_ul"), RAW_ROWS);
    this.seconds = new Ring(
      names("time_s flow_mean_ul_h flow_min_ul_h flow_max_ul_h probe_mean_c probe_min_c probe_max_c delivered_ul"), SECOND_ROWS,
    );
    this.truth = new Ring(names("time_s skin_c core_c pump_c vapour_kpa drive_kpa outlet_kpa flow_ul_h"), TRUTH_ROWS);
    this.frame = new Frame(RAW_ROWS + 8000);
    this.hole(OPENED_S); // the journal is a moment behind what came live
  }

  take(blocks) {
    for (const block of blocks.filter(({ pump }) => pump === this.pump)) {
      if (block.kind === "raw") this.received += this.raw.push(block.columns);
      else if (block.kind === "truth") this.truth.push(block.columns);
      else if (block.span_s === 1) this.seconds.push(block.columns);
    }
  }

  /** Rows may have been lost: what is missing is asked for, now and a few times later. */
  hole(waitsS = LATE_S) {
    const nowS = model.nowS();
    this.#holes = waitsS.map((waitS) => nowS + waitS);
  }

  /** The rows of a view, until `nowS`; `nominalUlH` is what the reference rate delivers in an hour of ours. */
  rows(view, nowS, nominalUlH) {
    const [fromS, toS] = windowOf(view, nowS), { frame } = this, base = this.#base;
    const reachS = 0.02 * view.spanS + (base?.span_s ?? 1); // a row beyond each edge, for lines that run out of the plot
    frame.begin();
    let endS = fromS - reachS;
    if (base?.n) {
      const times = base.columns.time_s, lastS = times[base.n - 1];
      const [from, to] = [endS, Math.min(toS + reachS, nowS)].map((timeS) => firstAtOrAfter(times, base.n, timeS));
      frame.add(base.columns, base.kind, from, to);
      if (lastS >= endS) endS = lastS + 1e-4;
    }
    const ring = view.spanS <= RAW_LONGEST_S ? this.raw : this.seconds;
    frame.add(ring.columns, ring === this.raw ? "raw" : "spans", ring.from(endS), ring.from(Math.min(toS + reachS, nowS) + 1e-4));
    frame.stepS = base?.span_s ?? (ring === this.raw ? 0 : 1);
    frame.hold(this.truth);
    frame.reckon(fromS, nominalUlH);
    return frame;
  }

  /** Looks whether a view needs other history, and asks for it. */
  need(view, nowS) {
    if (this.#serves(view, nowS)) return;
    this.#wanted = view;
    if (!this.#busy) this.#fetch();
  }

  #serves(view, nowS) {
    const base = this.#base, [fromS, toS] = windowOf(view, nowS);
    if (!base || base.fromS > fromS + 1) return false;
    if (this.#holes.length && nowS >= this.#holes[0]) return false;
    if (base.kind === "spans" && base.span_s > Math.max(1, (3 * view.spanS) / POINTS)) return false;
    if (base.kind === "raw" && view.spanS > 4 * RAW_LONGEST_S) return false;
    const ring = view.spanS <= RAW_LONGEST_S ? this.raw : this.seconds;
    if (ring.firstS > base.toS + 3 && ring.firstS < toS && nowS - base.askedS > 5) return false; // a hole before the ring
    if (!isLive(view) && base.toS < toS - 1 && !ring.n) return false;
    return !isLive(view) || view.spanS <= RAW_LONGEST_S || nowS - base.askedS < Math.min(600, Math.max(20, view.spanS / 200));
  }

  async #fetch() {
    this.#busy = true;
    const view = this.#wanted, nowS = model.nowS(), [fromS, toS] = windowOf(view, nowS);
    const marginS = isLive(view) ? 0 : 0.25 * view.spanS, endS = Math.min(nowS, toS + marginS);
    const due = this.#holes.filter((timeS) => timeS > nowS);
    try {
      const block = await readings(this.pump, fromS - marginS - 1, endS, POINTS);
      this.#base = { ...block, fromS: fromS - marginS - 1, toS: endS, askedS: nowS };
      this.#holes = due;
      this.failed = "";
    } catch (error) {
      this.failed = error.message;
      await new Promise((resolve) => setTimeout(resolve, 1500));
    }
    this.#busy = false;
    this.changed();
  }
}

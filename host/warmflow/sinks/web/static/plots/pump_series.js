// The course of one pump: a stretch out of the journal, and behind its end what came live. It asks the journal again where
// the view leaves what it has, wants it finer, or where a hole may have been filled since. `nowS` is the picture's now: it
// stands while the picture is paused.

import { firstAtOrAfter, Ring } from "../core/ring_buffer.js";
import { model } from "../core/store.js";
import { POINTS, readings } from "./history.js";
import { Frame } from "./plot_frame.js";
import { isLive, windowOf } from "./time_window.js";

const RAW_ROWS = 40000;
const SECOND_ROWS = 7200;
const TRUTH_ROWS = 14400;
const RAW_LONGEST_S = 900; // longer views go on in seconds
const AGAIN_MS = 5000; // sooner the journal has nothing else to say of what is live
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
    this.raw = new Ring(names("time_s flow_ul_h probe_c ambient_kpa delivered_ul nominal_ul_h"), RAW_ROWS);
    this.seconds = new Ring(
      names(
        "time_s flow_mean_ul_h flow_min_ul_h flow_max_ul_h probe_mean_c probe_min_c probe_max_c delivered_ul nominal_ul_h",
      ),
      SECOND_ROWS,
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
    this.#holes = [...this.#holes.filter((timeS) => timeS > nowS), ...waitsS.map((waitS) => nowS + waitS)].sort(
      (one, other) => one - other,
    );
  }

  /** The rows of a view, until `nowS`; `nominalUlH` is what the reference rate delivers in an hour now, for rows that do not tell. */
  rows(view, nowS, nominalUlH) {
    const [fromS, toS] = windowOf(view, nowS);
    const { frame } = this;
    const base = this.#base;
    const reachS = 0.02 * view.spanS + (base?.span_s ?? 1); // a row beyond each edge, for lines that run out of the plot
    frame.begin();
    let endS = fromS - reachS;
    if (base?.n) {
      const times = base.columns.time_s;
      const lastS = times[base.n - 1];
      const [from, to] = [endS, Math.min(toS + reachS, nowS)].map((timeS) => firstAtOrAfter(times, base.n, timeS));
      frame.add(base.columns, base.kind, from, to, base.span_s ?? 0, base.toS);
      if (lastS >= endS) endS = Math.max(lastS + 1e-4, Math.min(lastS + (base.span_s ?? 0), base.toS));
    }
    const raw = view.spanS <= RAW_LONGEST_S;
    const ring = raw ? this.raw : this.seconds;
    frame.add(
      ring.columns,
      raw ? "raw" : "spans",
      ring.from(endS),
      ring.from(Math.min(toS + reachS, nowS) + 1e-4),
      raw ? 0 : 1,
    );
    frame.stepS = base?.span_s ?? (raw ? 0 : 1);
    frame.hold(this.truth);
    frame.reckon(fromS, nominalUlH);
    return frame;
  }

  /** Looks whether a view needs other history, and asks for it. */
  need(view, nowS) {
    if (this.#serves(view, nowS)) return;
    this.#wanted = { view, nowS };
    if (!this.#busy) this.#fetch();
  }

  #serves(view, nowS) {
    const base = this.#base;
    const [fromS] = windowOf(view, nowS);
    if (!base || base.fromS > fromS + 1) return false;
    if (this.#holes.length && nowS >= this.#holes[0]) return false;
    if (base.kind === "spans" && base.span_s > Math.max(1, (3 * view.spanS) / POINTS)) return false;
    if (base.kind === "spans" && this.#fitsRaw(view)) return false;
    if (base.kind === "raw" && view.spanS > 4 * RAW_LONGEST_S) return false;
    const ring = view.spanS <= RAW_LONGEST_S ? this.raw : this.seconds;
    if (this.#tornFrom(ring, view, nowS)) return false;
    return (
      !isLive(view) || view.spanS <= RAW_LONGEST_S || nowS - base.askedS < Math.min(600, Math.max(20, view.spanS / 200))
    );
  }

  /** Whether spans may give way to the readings themselves: of a view that is shorter than what was asked for. */
  #fitsRaw(view) {
    const base = this.#base;
    const lengthS = view.spanS + 2 * marginOf(view) + 1;
    return view.spanS <= RAW_LONGEST_S && base.toS - base.fromS > 1.2 * lengthS && base.rateHz * lengthS < POINTS;
  }

  /** Whether rows of the view are in neither: the ring has forgotten them, or never had them, and the base ends before. */
  #tornFrom(ring, view, nowS) {
    const base = this.#base;
    const [fromS, toS] = windowOf(view, nowS);
    if (ring.firstS <= Math.max(fromS, base.toS + 3) || base.toS >= Math.min(toS, model.nowS()) - 1) return false;
    return !isLive(view) || (ring.n > 0 && performance.now() - base.askedMs > AGAIN_MS);
  }

  async #fetch() {
    this.#busy = true;
    const { view, nowS } = this.#wanted;
    const [fromS, toS] = windowOf(view, nowS);
    const marginS = marginOf(view);
    const endS = Math.min(model.nowS(), toS + marginS);
    try {
      const block = await readings(this.pump, fromS - marginS - 1, endS, POINTS);
      this.#base = {
        ...block,
        fromS: fromS - marginS - 1,
        toS: endS,
        askedS: nowS,
        askedMs: performance.now(),
        rateHz: rateOf(block),
      };
      this.#holes = this.#holes.filter((timeS) => timeS > nowS); // also such as came meanwhile
      this.failed = "";
    } catch (error) {
      this.failed = error.message;
      await new Promise((resolve) => setTimeout(resolve, 1500));
    }
    this.#busy = false;
    this.changed();
  }
}

/** What is asked for beyond each edge: a view that was moved is soon moved again. */
const marginOf = (view) => (isLive(view) ? 0 : 0.25 * view.spanS);

/** Readings a second in the spans of a block; NaN for none. */
const rateOf = ({ columns, n, span_s }) => (columns.n ?? []).reduce((sum, each) => sum + each, 0) / (n * span_s);

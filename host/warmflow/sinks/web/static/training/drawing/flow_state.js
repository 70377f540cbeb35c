// What the numbers say about the pump, before anything is drawn: does it flow, and if not, why; where does it arrive.
// Nothing is guessed: a pump that is too cold to push, or too deep under water, is not called blocked.

import { known } from "../../core/format.js";

export const SECRET = ["blocked", "loose", "leak"]; // for whoever is to find it
export const DROPS_AT_REFERENCE = 10; // in the catheter at a time
export const DROP_S = 1; // at its reference rate the pump gives one a second
const STILL_UL_H = 0.05;
export const EMPTY_ML = 0.0005;
const ARRIVES = 0.98; // of the flow: less is astray
const ARTERY_KPA = 12.4; // where nobody says what it was at the start
const FALLEN = 0.85; // of that: the tip is no longer in its artery

/** `state`: flows, loose, leak, blocked, empty, pushless, unknown. `rate` is of the reference rate; `arriving` of the flow. */
export function read(drawn, start = null) {
  const { flow_ul_h: flow, reference_ul_h: reference, arriving_ul_h: arrives } = drawn;
  const flows = known(flow) && flow > STILL_UL_H && reference > 0;
  const arriving = known(arrives) && flows ? Math.min(1, Math.max(0, arrives / flow)) : 1;
  const state = flows ? whither(arriving, drawn, start) : why(drawn);
  return { state, flows, rate: flows ? flow / reference : 0, arriving };
}

function whither(arriving, drawn, start) {
  if (arriving >= ARRIVES) return "flows";
  return drawn.outlet_kpa < FALLEN * (start?.outlet_kpa ?? ARTERY_KPA) ? "loose" : "leak";
}

function why(drawn) {
  if (!known(drawn.flow_ul_h)) return "unknown";
  if (drawn.reservoir_ml <= EMPTY_ML) return "empty";
  return drawn.drive_kpa <= 0 ? "pushless" : "blocked";
}

/** What one drop on the screen stands for, in nL: a second of the reference rate. */
export const dropNl = (drawn) => ((drawn.reference_ul_h ?? 0) * 1000 * DROP_S) / 3600;

// Every word that the pages show and that is no payload: one place to read, to mend, to translate.

import { LEVEL_MARKS, LEVEL_NAMES } from "./vocabulary.js";

export const UNKNOWN = "–";

export const LEVELS = Object.fromEntries(LEVEL_NAMES.map((name, rank) => [name, { rank, mark: LEVEL_MARKS[rank] }]));
export const NOT_LIVE = { rank: 2, mark: "○", word: "NOT LIVE" };

export const PROBE_WORDS = { "probe out": "not in place", ok: "", "probe emulated": "emulated" };

export const CLOCKS_DIFFER = (length, way) =>
  `The clock of this computer is ${length} ${way} the daemon's. All times here are the daemon's.`;

export const PLOTS = {
  flow: { title: "Flow", unit: "µL/h", digits: 1 },
  temp: { title: "Temperature", unit: "°C", digits: 2 },
  pressure: { title: "Pressure", unit: "kPa", digits: 1 },
  delivered: { title: "Delivered minus nominal, in this view", unit: "µL", digits: 2 },
};
export const MODELLED = "modelled";
export const MEASURED = "measured";

export const CONNECTION = {
  connecting: "connecting to the daemon",
  open: "live from the daemon",
  away: "no connection to the daemon: what you see is old",
};
export const EMPTY =
  "No pump has reported yet. Plug in a Pico, or start a virtual one in a terminal: warmflow emulate. It appears here by itself.";
export const GONE = "The daemon knows no pump of this name now.";

export const ALARM_STATES = {
  unacknowledged: { mark: "◆", word: "unacknowledged", open: true },
  acknowledged: { mark: "◇", word: "acknowledged", open: true },
  "returned unacknowledged": { mark: "◈", word: "returned to normal, not acknowledged", open: true },
  latched: { mark: "▣", word: "latched: acknowledged, back to normal, not unlatched", open: true },
  shelved: { mark: "◷", word: "shelved", open: true },
  suppressed: { mark: "⊘", word: "suppressed by design", open: true },
  normal: { mark: "●", word: "normal", open: false },
};
export const NO_ALARMS = "No alarm. The list fills by itself when a limit is passed.";

export const SCENARIO_STATES = { playing: "▶ playing", over: "finished", stopped: "stopped", failed: "✕ failed" };

export const KEYS = [
  ["Tab", "from control to control; into the plots"],
  ["← →", "(plots) back and forth in time; with Shift: the cursor"],
  ["+ −", "(plots) zoom in and out"],
  ["Space", "(plots) pause and go on; data is still collected"],
  ["A, B", "(plots) set a mark at the cursor; Escape clears both"],
  ["N", "(plots) writes a note at the cursor"],
  ["Home, 0", "(plots) back to live"],
  ["drag", "(plots) zoom into a span; with Shift: move in time; two fingers: zoom"],
  ["wheel", "(plots) zoom at the pointer; with Shift, or sideways: move in time"],
];

export const MORE = "The whole explanation";
export const SHARES = { explained: "probe's temperature", unexplained: "unexplained" };

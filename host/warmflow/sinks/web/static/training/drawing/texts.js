// Every word and number of the drawing, from the catalogue: what a label says, and the text equivalent of the whole.

import { known, value } from "../../core/format.js";
import { firstDigit } from "../format.js";
import { read, SECRET } from "./flow_state.js";

/** Digits after the point, whether a plus is shown, and whether the first digit is, of what is too small for them: as the
 * rows beside the drawing have them. */
export const DIGITS = {
  skin_c: [1],
  core_c: [1],
  pump_c: [1],
  vapour_kpa: [1],
  ambient_kpa: [1],
  outlet_kpa: [1],
  drive_kpa: [1],
  viscosity_mpa_s: [2],
  flow_ul_h: [1],
  arriving_ul_h: [1],
  reference_ul_h: [1],
  deviation_percent: [1, true],
  reservoir_ml: [2],
  added_ul: [1, true],
  added_mg: [2, true, true],
  added_percent: [1, true, true],
};

/** Takes the catalogue, by key or as a function of key and words; gives a function that fills in the braces. */
export function catalogue(texts) {
  if (typeof texts === "function") return texts;
  return (key, given = {}) => (texts[key] ?? key).replace(/\{(\w+)\}/g, (all, name) => given[name] ?? all);
}

/** A number with its unit, as `48.9 µL/h`; a dash where there is none. */
export function number(words, drawn, name) {
  const [digits, sign = false, first = false] = DIGITS[name];
  const shown = first && known(drawn[name]) ? firstDigit(drawn[name], digits) : digits;
  return value(drawn[name], shown, words(`number.${name}.unit`), sign);
}

const SAID = [
  "pump_c",
  "skin_c",
  "core_c",
  "vapour_kpa",
  "drive_kpa",
  "viscosity_mpa_s",
  "flow_ul_h",
  "arriving_ul_h",
  "deviation_percent",
  "reservoir_ml",
  "added_ul",
  "added_percent",
];

/** The text equivalent: what it shows, with numbers and units. */
export function described(
  words,
  { drawing, phase_text: phase = "", part = null, paused = false, start = null, tell = true },
) {
  if (!drawing) return words("drawing.nothing");
  const numbers = Object.fromEntries(SAID.map((name) => [name, number(words, drawing, name)]));
  const { state } = read(drawing, start);
  const said = [
    words("drawing.said_heat", { ...numbers, phase }),
    words("drawing.said_flow", numbers),
    state === "flows" || (!tell && SECRET.includes(state)) ? "" : words(`drawing.state_${state}`),
    words("drawing.said_dose", numbers),
    part ? words("drawing.said_part", { part: words(`drawing.part_${part}`) }) : "",
    paused ? words("drawing.paused") : "",
  ];
  return said.filter(Boolean).join(" ");
}

// Numbers, spans and clocks of a lesson as a person reads them, with the catalogue's words. Rounds for the eye only.

import { known } from "../core/format.js";
import { say } from "./texts.js";

const LEAST = 0.0005; // less is shown as 0
const KIND_MARKS = { modelled: "◇", measured: "●", declared: "▭" }; // kinds are told by mark and word, not by colour

/** So many digits after the point, or, of what is too small for them, its first one. */
export function firstDigit(value, digits) {
  const size = Math.abs(value);
  if (size < LEAST || size >= 10 ** -digits) return digits;
  return -Math.floor(Math.log10(Number(size.toPrecision(1))));
}

/** A figure of a result: no more digits than the model is good for; `sign` shows a plus. */
export function brief(value, sign = false, digits = 1) {
  if (!known(value)) return say("train.no_reading");
  return signed(value, firstDigit(value, digits), sign);
}

/** So many digits after the point. */
export function signed(value, digits, sign = false) {
  const shown = Math.abs(value) < 0.5 * 10 ** -digits ? 0 : value;
  return `${sign && shown > 0 ? "+" : ""}${minus(shown.toFixed(digits))}`;
}

/** A hyphen as the minus that it is. */
export const minus = (text) => text.replace("-", "−");

/** As many digits as one notch of a slider has. */
export const digitsOf = (step) =>
  [0, 1, 2, 3].find((digits) => Math.abs(step * 10 ** digits - Math.round(step * 10 ** digits)) < 1e-6) ?? 3;

/** A stretch of pump time: minutes below two hours, then hours, then days. */
export function span(minutes) {
  const whole = Math.round(minutes);
  if (whole < 120) return say("train.span_min", { minutes: whole });
  if (whole < 2880)
    return say("train.span_h", { hours: Math.floor(whole / 60), minutes: String(whole % 60).padStart(2, "0") });
  return say("train.span_d", { days: Math.floor(whole / 1440), hours: Math.round((whole % 1440) / 60) });
}

/** The clock of pump time, counted from the first event: before it with a minus. */
export function pumpClock({ t_s, begins_s }) {
  const minutes = Math.round((t_s - begins_s) / 60);
  const size = Math.abs(minutes);
  const words = {
    days: Math.floor(size / 1440),
    hours: Math.floor((size % 1440) / 60),
    minutes: String(size % 60).padStart(2, "0"),
  };
  return (minutes < 0 ? "−" : "") + (words.days ? say("train.clock", words) : say("train.clock_hours", words));
}

/** Speed as one looks at it: `60×`. */
export const times = (speed) => `${speed.toLocaleString("en")}×`;

/** How a number came to be, as mark and word. */
export const kindOf = (kind, words) => `${KIND_MARKS[kind] ?? ""} ${words}`;

/** What a time axis in minutes writes at its ticks. */
export function axisText(minute, stepMin) {
  if (stepMin >= 1440) return say("train.axis_d", { days: Math.round(minute / 1440) });
  if (stepMin >= 180) return say("train.axis_h", { hours: minus(String(Math.round(minute / 60))) });
  const size = Math.abs(Math.round(minute));
  return `${minute < -0.5 ? "−" : ""}${Math.floor(size / 60)}:${String(size % 60).padStart(2, "0")}`;
}

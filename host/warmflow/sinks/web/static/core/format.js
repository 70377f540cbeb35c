// Numbers and times as a person reads them: units, sensible digits, a dash for what is not known, never a zero.

import { pageNowS } from "./now.js";
import { UNKNOWN } from "./texts.js";

const LEAST = 0.0005; // less is shown as 0

export const known = (value) => typeof value === "number" && Number.isFinite(value);

/** `41.52 °C`; `sign` shows a plus. The space is one that does not break. */
export function value(number, digits, unit = "", sign = false) {
  if (!known(number)) return UNKNOWN;
  const shown = Math.abs(number) < 0.5 * 10 ** -digits ? 0 : number; // no "-0.0"
  const plus = sign && shown > 0 ? "+" : "";
  return `${plus}${shown.toFixed(digits).replace("-", "−")}${unit ? `\u00a0${unit}` : ""}`;
}

/** So many digits after the point, or, of what is too small for them, its first one. */
export function firstDigit(number, digits) {
  const size = Math.abs(number);
  if (size < LEAST || size >= 10 ** -digits) return digits;
  return -Math.floor(Math.log10(Number(size.toPrecision(1))));
}

/** `5 s`, `3 min`, `2 h`, `4 d`: one unit, rounded down. */
export function duration(seconds) {
  for (const [size, unit] of [
    [86400, "d"],
    [3600, "h"],
    [60, "min"],
  ])
    if (seconds >= size) return `${Math.floor(seconds / size)}\u00a0${unit}`;
  return `${Math.max(0, Math.floor(seconds))}\u00a0s`;
}

/** A difference between two moments: `1 h 02 min 03.4 s`. */
export function stretch(seconds) {
  const size = Math.abs(seconds);
  const sign = seconds < 0 ? "−" : "";
  const h = Math.floor(size / 3600);
  const min = Math.floor((size % 3600) / 60);
  const s = (size % 60).toFixed(1);
  return sign + [h && `${h} h`, (h || min) && `${min} min`, `${s} s`].filter(Boolean).join(" ");
}

const CLOCK = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const MINUTE = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const DAY = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });

export const clock = (timeS) => CLOCK.format(timeS * 1000);
export const utc = (timeS) =>
  new Date(timeS * 1000)
    .toISOString()
    .replace("T", " ")
    .replace(/\.\d+Z/, " UTC");
export const iso = (timeS) => new Date(timeS * 1000).toISOString();

/** Day and clock, the day only where it is another one than today. */
export function moment(timeS, nowS = pageNowS()) {
  const day = DAY.format(timeS * 1000);
  return day === DAY.format(nowS * 1000) ? clock(timeS) : `${day}, ${clock(timeS)}`;
}

/** What a time axis writes at its ticks, `step` seconds apart. */
export function tick(timeS, step) {
  const midnight = new Date(timeS * 1000).getHours() === 0 && new Date(timeS * 1000).getMinutes() === 0;
  if (step >= 86400 || (midnight && step >= 3600)) return DAY.format(timeS * 1000);
  return (step >= 60 ? MINUTE : CLOCK).format(timeS * 1000);
}

/** Unix seconds out of an ISO text; NaN for none. */
export const seconds = (text) => (text ? Date.parse(text) / 1000 : NaN);

// A pump's state in words: level, link, age. The same words wherever it is shown.

import { duration, known, value } from "./format.js";
import { CAUSES, CLOCKS_DIFFER, NOT_LIVE, PROBE_WORDS } from "./texts.js";

const CLOCKS_DIFFER_S = 5; // less is the way of a message, and a clock that is nearly right

/** Mark and word of the worst of a pump's flow and alarms; the marks point down where it is the flow, and too low. */
export function badgeWords({ live, level, worst, last }) {
  if (!live) return [NOT_LIVE.mark, NOT_LIVE.word];
  const down = worst === level && known(last?.deviation_percent) && last.deviation_percent < 0;
  return [down ? worst.mark.replaceAll("▲", "▼") : worst.mark, worst.word];
}

/** The worst alarm that the level of the flow does not tell already, and how many more there are; "" for none. */
export function alarmWords({ live, level, worst, alarms }) {
  const told = alarms.filter(({ id }) => id !== "rate" || !live || worst !== level);
  return told.length ? `${told[0].title ?? told[0].id}${told.length > 1 ? `, and ${told.length - 1} more` : ""}` : "";
}

export function ageWords({ live, ageS, last }) {
  if (!last) return "never seen";
  if (live) return ageS < 1 ? "now" : `${duration(ageS)} ago`;
  return `last seen ${duration(ageS)} ago`;
}

/** The link's state with its reason: `ok`, or `port lost: /dev/ttyACM0 went away`. */
export function linkWords(link) {
  if (!link) return "link unknown";
  const of = link.link && link.status !== link.link ? "device " : "";
  return `${of}${link.status}${link.reason ? `: ${link.reason}` : ""}`;
}

export function remedyWords(link) {
  return link && link.status !== "ok" && link.remedy ? link.remedy : "";
}

export function causeWords(last) {
  if (!last) return "";
  if (last.no_flags_because) return `no flags: ${last.no_flags_because}`;
  return CAUSES[last.cause ?? ""] ?? last.cause;
}

export function probeWords(last) {
  return (last?.probe ?? "")
    .split(", ")
    .map((word) => PROBE_WORDS[word] ?? word.replace("probe ", ""))
    .filter(Boolean)
    .join(", ");
}

/** How long the reservoir lasts at this rate. */
export function daysWords(last) {
  if (!last || !known(last.reservoir_ml)) return "";
  return known(last.days_left) ? `${value(last.days_left, last.days_left < 10 ? 1 : 0)} days left` : "no flow";
}

/** What is said of a page whose computer's clock differs from the daemon's by so much; empty if it hardly does. */
export function clockWords(daemonAheadS) {
  if (Math.abs(daemonAheadS) < CLOCKS_DIFFER_S) return "";
  return CLOCKS_DIFFER(duration(Math.abs(daemonAheadS)), daemonAheadS > 0 ? "behind" : "ahead of");
}

// What is worded here, and not by the daemon: whether a value is live, how old it is, its link. What a flow is and why, the
// daemon says.

import { duration, known, value } from "./format.js";
import { CLOCKS_DIFFER, NOT_LIVE, PROBE_WORDS } from "./texts.js";

const WHERE = { water: "in the water", skin: "on the skin", pump: "on the pump" };
const VIRTUAL = ["unix", "cpython"];
const CLOCKS_DIFFER_S = 5; // less is the way of a message, and a clock that is nearly right

/** Mark and word of a pump's badge. */
export function badgeWords({ live, says }) {
  return live ? [says.mark, says.word] : [NOT_LIVE.mark, NOT_LIVE.word];
}

/** Why: the likeliest cause, and what is wrong with the data; the daemon's words. */
export const whyWords = ({ says }) => [says.likely, says.quality].filter(Boolean).join(". ");

/** What a rig is: profile, propellant, place of the probe; and whether a person could touch it. */
export function rigWords(rig) {
  if (!rig?.profile) return "";
  return [rig.profile, kindWords(rig)].filter(Boolean).join(" · ");
}

/** The same with all that its board has said. */
export function boardWords(rig) {
  if (!rig?.profile) return "";
  const { propellant, place, board_id: board, platform, firmware } = rig;
  const where = WHERE[place] ?? place;
  const of = board && `board ${board.slice(-6)} (${platform}), firmware ${firmware}`;
  return [rigWords(rig), propellant, where && `probe ${where}`, of].filter(Boolean).join(" · ");
}

/** `virtual`, `emulated body`, or the probe's name. */
function kindWords({ platform, sensor }) {
  if (VIRTUAL.includes(platform)) return "virtual board";
  return sensor === "emulated" ? "emulated body" : sensor;
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

// The chosen pump in figures: level, flow, deviation with its bar, and what else was measured. Nothing that is not live looks
// live: it is grey and hatched and says how old it is.

import { el, mark, say } from "../core/dom.js";
import { value } from "../core/format.js";
import {
  ageWords,
  badgeWords,
  boardWords,
  daysWords,
  linkWords,
  probeWords,
  remedyWords,
} from "../core/state_words.js";
import { GONE } from "../core/texts.js";
import { bar, setBar } from "./deviation_bar.js";

/** The strip above the plots; `set(judged)` writes it. */
export function figures(name) {
  const sign = el("span", { class: "mark", "aria-hidden": "true" });
  const word = el("span");
  const age = el("time");
  const link = el("span");
  const remedy = el("small");
  const why = el("strong", { class: "state-words" });
  const rig = el("small", { class: "rig" });
  const deviation = el("strong", { class: "number" });
  const line = bar(true);
  const boxes = {
    flow: box("Flow", "measured"),
    probe: box("Probe", "measured"),
    reservoir: box("Reservoir", "measured"),
    delivered: box("Delivered", "measured"),
    pump: box("Pump time", "of the board", "less"),
  };
  const state = el(
    "div",
    { class: "figure state" },
    el("h1", {}, name),
    el("p", {}, el("span", { class: "badge" }, sign, word), " ", age),
    el("p", {}, link),
    remedy,
  );
  const course = el(
    "div",
    { class: "figure wide" },
    el("div", { class: "figure-head" }, el("span", { title: "from the reference rate" }, "Deviation"), deviation),
    line,
  );
  const node = el(
    "section",
    { class: "figures", "aria-label": "Figures now" },
    state,
    boxes.flow.node,
    course,
    boxes.probe.node,
    boxes.reservoir.node,
    boxes.delivered.node,
    boxes.pump.node,
    el("div", { class: "figure line" }, why, rig),
  );
  return {
    node,
    set: (judged) =>
      set({ node, state, course, sign, word, age, why, link, remedy, rig, deviation, line, boxes }, judged),
  };
}

function box(name, kind, rank = "") {
  const number = el("strong", { class: "number" });
  const more = el("small");
  return {
    number,
    more,
    node: el("div", { class: `figure ${rank}` }, el("span", { title: kind }, name), number, more),
  };
}

function set(parts, judged) {
  const { last, link, live } = judged;
  const [sign, word] = badgeWords(judged);
  mark(parts.node, "data-stale", !live);
  mark(parts.state, "data-level", live ? judged.worstName : "stale"); // an alarm may be worse than the flow,
  mark(parts.course, "data-level", live ? (last?.level ?? "none") : "stale"); // which alone the bar is about
  say(parts.sign, sign);
  say(parts.word, word);
  say(parts.why, judged.says.text);
  say(parts.rig, boardWords(judged.rig));
  say(parts.age, ageWords(judged));
  if (last?.time) mark(parts.age, "title", `${last.time.replace("T", " ").replace("Z", "")} UTC`);
  say(parts.link, link || last ? `link ${linkWords(link)}` : GONE);
  say(parts.remedy, remedyWords(link));
  say(parts.deviation, value(last?.deviation_percent, 1, "%", true));
  setBar(parts.line, last?.deviation_percent, last?.explained_by_probe_percent, judged.limits);
  write(
    parts.boxes.flow,
    value(last?.flow_ul_h, 1, "µL/h"),
    `${value(last?.flow_ml_day, 3, "mL/day")}, label ${value(last?.deviation_from_label_percent, 0, "%", true)}`,
  );
  write(parts.boxes.probe, value(last?.probe_c, 2, "°C"), probeWords(last));
  write(parts.boxes.reservoir, value(last?.reservoir_ml, 2, "mL"), daysWords(last));
  write(parts.boxes.delivered, value(last?.delivered_ml, 3, "mL"), "total");
  write(parts.boxes.pump, pumpClock(last?.pump_time_s), last?.speed_x ? `${last.speed_x} times as fast` : "");
}

function write({ number, more }, first, second) {
  say(number, first);
  say(more, second);
}

/** h:mm, rounded down as clocks do. */
function pumpClock(timeS) {
  if (!Number.isFinite(timeS)) return "–";
  const minutes = Math.floor(timeS / 60);
  return `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")} h`;
}

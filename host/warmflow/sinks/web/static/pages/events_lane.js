// What happened, on the time axis: a lane above the plots with a mark for each line of the alarms' history, each change of a
// limit, each note and each time without readings. A mark says what it was; pressing it brings its moment into the middle.

import { el, mark } from "../core/dom.js";
import { moment, seconds, stretch } from "../core/format.js";
import { LEVELS } from "../core/texts.js";
import { ask } from "./alarm_actions.js";

const HOLE_S = 2.5; // as the plots have it: a longer time without a reading is a gap
const LINES = 500;
const HOURS = 24 * 30;
const LATER_MS = 1500; // the plots come first; and alarms change one after another: they are asked for once

/** The lane of a pump; `goTo(timeS)` is called for a mark that is pressed. */
export function eventsLane(pump, goTo, signal) {
  const node = el("div", { class: "lane", role: "group", "aria-label": "Events" });
  const marks = new Map(); // by key: {timeS, node}
  let asking = null;

  function add(key, timeS, sign, level, words) {
    if (marks.has(key) || !Number.isFinite(timeS)) return;
    const label = `${moment(timeS)}: ${words}`;
    const press = () => goTo(timeS);
    const button = el(
      "button",
      { type: "button", class: "event", "data-level": level, title: label, onclick: press },
      sign,
    );
    mark(button, "aria-label", label);
    marks.set(key, { timeS, node: button });
  }

  /** A mark that may change or go: what is not `named` any more is taken away. */
  function keepOnly(prefix, named) {
    for (const key of marks.keys()) if (key.startsWith(prefix) && !named.has(key)) marks.delete(key);
  }

  async function load() {
    asking = null;
    const [good, said] = await ask("alarm_history", { pump, hours: HOURS, limit: LINES });
    if (!good || signal.aborted) return;
    for (const line of said.history) {
      const limits = line.id === "limits";
      const sign = limits ? "⇕" : (LEVELS[line.priority]?.mark.slice(0, 1) ?? "●");
      const words = limits
        ? `${line.words} by ${line.by}`
        : `${line.title ?? line.id}: ${line.words ?? line.event}. ${line.text}`;
      add(
        `${line.at}/${line.id}/${line.event}/${limits ? line.text : ""}`,
        seconds(line.at),
        sign,
        line.priority ?? "normal",
        words,
      );
    }
  }

  return {
    node,
    /** Soon: what has happened is asked for anew. */
    load: () => {
      if (asking === null) asking = setTimeout(load, LATER_MS);
    },
    /** What people wrote, as the notes have it. */
    notes: (found) => {
      keepOnly("note/", new Set(found.map(({ id }) => `note/${id}`)));
      for (const { id, time, text, by } of found) add(`note/${id}`, seconds(time), "✎", "note", `${text} (${by})`);
    },
    /** Times without a reading between the rows of a frame. */
    gaps: (frame, fromS, toS) => {
      const found = holesOf(frame, fromS, toS);
      keepOnly("gap/", new Set(found.map(([startS]) => `gap/${startS}`)));
      for (const [startS, endS] of found)
        add(`gap/${startS}`, (startS + endS) / 2, "∅", "gap", `no readings for ${stretch(endS - startS)}`);
    },
    /** Puts the marks where the plots have their moments; `area` is where the plots draw. */
    show: (fromS, toS, area) => {
      const leftPx = area.getBoundingClientRect().left - node.getBoundingClientRect().left;
      const inView = [...marks.values()].filter(({ timeS }) => timeS >= fromS && timeS <= toS);
      for (const each of inView)
        each.node.style.left = `${leftPx + ((each.timeS - fromS) / (toS - fromS)) * area.clientWidth}px`;
      const nodes = inView.map((each) => each.node);
      if (nodes.length !== node.children.length || nodes.some((each, at) => each !== node.children[at]))
        node.replaceChildren(...nodes);
    },
  };
}

/** [from, to] of every time in view that is longer than the distance of rows explains. */
export function holesOf(frame, fromS, toS) {
  const times = frame.column("time_s");
  const longestS = Math.max(HOLE_S, 2.5 * frame.stepS);
  const found = [];
  for (let row = 1; row < times.length; row += 1)
    if (times[row] - times[row - 1] > longestS && times[row] > fromS && times[row - 1] < toS)
      found.push([times[row - 1], times[row]]);
  return found;
}

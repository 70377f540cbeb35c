// What happened, on the time axis: a lane above the plots with a mark for each line of the alarms' history. A mark says
// what it was; pressing it brings its moment into the middle of the view.

import { el, mark } from "../core/dom.js";
import { moment, seconds } from "../core/format.js";
import { LEVELS } from "../core/texts.js";
import { ask } from "./alarm_actions.js";

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

  async function load() {
    asking = null;
    const [good, said] = await ask("alarm_history", { pump, hours: HOURS, limit: LINES });
    if (!good || signal.aborted) return;
    for (const line of said.history) {
      const sign = LEVELS[line.priority]?.mark.slice(0, 1) ?? "●";
      const words = `${line.title ?? line.id}: ${line.words ?? line.event}. ${line.text}`;
      add(`${line.at}/${line.id}/${line.event}`, seconds(line.at), sign, line.priority ?? "normal", words);
    }
  }

  return {
    node,
    /** Soon: what has happened is asked for anew. */
    load: () => {
      if (asking === null) asking = setTimeout(load, LATER_MS);
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

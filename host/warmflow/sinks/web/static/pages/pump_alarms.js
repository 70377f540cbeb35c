// The alarms of one pump that wait for an answer, on its page: acknowledged here, where their cause is seen.

import { el, mark, say } from "../core/dom.js";
import { moment, seconds } from "../core/format.js";
import { model } from "../core/store.js";
import { LEVELS } from "../core/texts.js";
import { deeds } from "./alarm_actions.js";

const WAITING = ["unacknowledged", "returned unacknowledged"];

/** The panel; `signal` ends it. It is hidden where nothing waits and nothing was said. */
export function pumpAlarms(pump, signal) {
  const wrong = el("p", { class: "wrong", role: "alert" });
  const done = el("p", { class: "done", role: "status", hidden: true });
  const asked = deeds((words) => say(wrong, words), done);
  const list = el("ul", { class: "waiting" });
  const name = el("div", { class: "inline" }, ...asked.name);
  const node = el(
    "section",
    { class: "panel pump-alarms", "aria-label": "To acknowledge", hidden: true },
    el("h2", {}, "To acknowledge"),
    list,
    name,
    wrong,
    done,
  );
  const rows = new Map(); // by alarm

  function show() {
    const waiting = model.alarms.filter((alarm) => alarm.pump === pump && WAITING.includes(alarm.state));
    for (const id of rows.keys()) if (!waiting.some((alarm) => alarm.id === id)) drop(id);
    for (const alarm of waiting) {
      if (!rows.has(alarm.id)) add(alarm);
      const { words } = rows.get(alarm.id);
      const sign = LEVELS[alarm.priority]?.mark ?? "○";
      say(words, `${sign} ${alarm.title ?? alarm.id}, since ${moment(seconds(alarm.since))}`);
      mark(words, "title", alarm.text);
    }
    name.hidden = !waiting.length;
    node.hidden = !waiting.length && done.hidden;
  }

  function add(alarm) {
    const words = el("span");
    const row = el("li", {}, words, " ", asked.acknowledge(alarm));
    rows.set(alarm.id, { row, words });
    list.append(row);
  }

  function drop(id) {
    rows.get(id).row.remove();
    rows.delete(id);
  }

  show();
  model.addEventListener("alarms", show, { signal });
  const timer = setInterval(show, 1000); // the undo of an answer fades
  signal.addEventListener("abort", () => clearInterval(timer));
  return node;
}

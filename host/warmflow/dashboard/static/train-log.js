// The session's log as the instructor sees it, newest first, injected faults included.

import { el, mark } from "./dom.js";
import { clock, seconds } from "./format.js";
import { sizeOf } from "./train-faults.js";
import { asked, stage } from "./train-stage.js";
import { say } from "./train-texts.js";

const EVERY_MS = 2000;
const titles = new Map(); // of steps, by lesson and step: of the lessons that this page saw

/** The panel; it asks again after each change of the state, at most every two seconds. */
export function logPanel(signal) {
  const list = el("ol", { class: "log", tabindex: 0, "aria-label": say("instructor.log") }), node = el("section", { class: "panel log-panel" }, el("h2", {}, say("instructor.log")), list);
  let timer = null, askedMs = -Infinity;
  async function look() {
    timer = null;
    askedMs = performance.now();
    const found = await asked("log?as=instructor").catch(() => null);
    if (!found || signal.aborted || list.dataset.count === `${found.entries.length}`) return;
    mark(list, "data-count", found.entries.length);
    list.replaceChildren(...found.entries.map((entry, at) => row(entry, wordsOf(entry, lessonAt(found.entries, at)))).toReversed());
  }
  function set({ live }) {
    if (live) titles.set(live.lesson, new Map(live.steps.map(({ id, title }) => [id, title])));
    timer ??= setTimeout(look, Math.max(100, askedMs + EVERY_MS - performance.now()));
  }
  signal.addEventListener("abort", () => clearTimeout(timer));
  stage.addEventListener("shelf", look, { signal });
  look();
  return { node, set };
}

/** The lesson that was on when an entry was made. */
const lessonAt = (entries, at) => entries.slice(0, at).findLast(({ kind }) => kind === "started")?.detail.lesson;

/** What happened, in words: the daemon's, but for steps by their titles and faults by their size. */
function wordsOf({ kind, detail, text }, lesson) {
  const title = titles.get(lesson)?.get(detail.step);
  if (kind === "reached" && title) return say("instructor.log_reached", { title });
  if (kind === "jumped" && title) return say("instructor.log_jumped", { title });
  if (kind !== "injected") return text;
  const fault = say(`fault.${detail.fault}`);
  return detail.magnitude ? say("instructor.log_injected", { fault, size: sizeOf(detail.fault, detail.magnitude) }) : say("instructor.log_ended", { fault });
}

function row({ at, group, kind, detail }, text) {
  return el("li", { "data-kind": kind }, el("time", { datetime: at }, clock(seconds(at))), el("span", { class: "of" }, say("instructor.group", { group: detail.group ?? group })), el("span", {}, text));
}

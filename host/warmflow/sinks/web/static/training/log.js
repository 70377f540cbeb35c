// The session's log as the instructor sees it, newest first, injected faults included.

import { el, mark } from "../core/dom.js";
import { clock, seconds } from "../core/format.js";
import { asked, stage } from "./store.js";
import { say } from "./texts.js";

const EVERY_MS = 2000;

/** The panel; it asks again after each change of the state, at most every two seconds. */
export function logPanel(signal) {
  const list = el("ol", { class: "log", tabindex: 0, "aria-label": say("instructor.log") });
  const node = el("section", { class: "panel log-panel" }, el("h2", {}, say("instructor.log")), list);
  let timer = null;
  let askedMs = -Infinity;
  async function look() {
    timer = null;
    askedMs = performance.now();
    const found = await asked("log?as=instructor").catch(() => null);
    if (!found || signal.aborted || list.dataset.count === `${found.entries.length}`) return;
    mark(list, "data-count", found.entries.length);
    list.replaceChildren(...found.entries.map(row).toReversed());
  }
  function set() {
    timer ??= setTimeout(look, Math.max(100, askedMs + EVERY_MS - performance.now()));
  }
  signal.addEventListener("abort", () => clearTimeout(timer));
  stage.addEventListener("shelf", look, { signal });
  look();
  return { node, set };
}

function row({ at, group, kind, detail, text }) {
  return el(
    "li",
    { "data-kind": kind },
    el("time", { datetime: at }, clock(seconds(at))),
    el("span", { class: "of" }, say("instructor.group", { group: detail.group ?? group })),
    el("span", {}, text),
  );
}

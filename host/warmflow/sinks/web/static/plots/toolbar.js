// The row of buttons above the plots, and the line that says what is shown.

import { el, mark, say } from "../core/dom.js";
import { moment, utc } from "../core/format.js";
import { SPANS } from "./time_window.js";

/** `does` has span(seconds) and act(what, value); `set` writes the state, `told` shows what came of a button. */
export function toolbar(does) {
  const button = (label, what, value, title, more = {}) =>
    el("button", { type: "button", title, "aria-label": title, onclick: () => does.act(what, value), ...more }, label);
  const spans = SPANS.map(([label, spanS]) =>
    el("button", { type: "button", onclick: () => does.span(spanS), "data-span": spanS }, label),
  );
  const live = button("Live", "live", null, "Back to live: follow the newest value", { class: "live" });
  const pause = button("Pause", "pause", null, "Pause the plots; new data keeps arriving", { class: "pause" });
  const shown = el("span", { class: "range" });
  const marks = el("span", { class: "marks number" });
  const told = el("span", { class: "told", role: "status" });
  const group = (label, ...children) => el("div", { class: "group", role: "group", "aria-label": label }, ...children);
  const node = el(
    "div",
    { class: "toolbar" },
    group("Span", ...spans),
    group("Follow", live, pause),
    group(
      "Move and zoom",
      button("◀", "move", -0.5, "Back in time"),
      button("▶", "move", 0.5, "Forward in time"),
      button("−", "zoom", 2, "Zoom out"),
      button("+", "zoom", 0.5, "Zoom in"),
    ),
    group(
      "Marks",
      button("A", "mark", "A", "Set mark A at the cursor"),
      button("B", "mark", "B", "Set mark B at the cursor"),
      button("✕", "unmark", null, "Clear marks"),
    ),
    group(
      "Save",
      button("CSV", "csv", null, "Save the visible range and lines as CSV"),
      button("PNG", "png", null, "Save the view as a picture"),
      button("Note", "note", null, "Write a note at the cursor", { class: "note", hidden: true }),
    ),
    el("p", { class: "shown" }, shown, marks, told),
  );
  function set({ view, live: isLive, paused, fromS, toS, failed, marks: words }) {
    for (const each of spans) mark(each, "aria-pressed", Number(each.dataset.span) === Math.round(view.spanS));
    mark(live, "aria-pressed", isLive && !paused);
    mark(pause, "aria-pressed", paused);
    say(pause, paused ? "Go on" : "Pause");
    const what = paused ? "paused" : isLive ? "following" : "viewing history; new data keeps arriving";
    say(shown, `${moment(fromS)} – ${moment(toS)}, ${what}${failed ? `; ${failed}` : ""}`);
    mark(shown, "title", `${utc(fromS)} – ${utc(toS)}`);
    say(marks, words);
  }
  return { node, set, told: (words) => say(told, words instanceof Error ? `not saved: ${words.message}` : words) };
}

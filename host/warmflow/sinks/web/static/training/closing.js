// The last screen: rate and dose in one sentence, the fortnight to scale, and who says what the lesson illustrates.

import { el, say as write } from "../core/dom.js";
import { known } from "../core/format.js";
import { brief, signed } from "./format.js";
import { stripOf } from "./lesson_plot.js";
import { ribbon } from "./ribbon.js";
import { say } from "./texts.js";

/** Rate and dose in one sentence, with what the group guessed where it guessed both. */
function sumOf({ peak, added, guesses }) {
  const guess = (name) => guesses.find(({ what }) => what === name)?.guess;
  const figures = { peak: signed(peak.percent, 0, true), dose: brief(added.percent ?? 0, true) };
  const [rate, dose] = [guess("peak_percent"), guess("added_percent")];
  if (!known(rate) || !known(dose)) return say("train.sum", figures);
  return say("train.sum_guessed", {
    ...figures,
    guess_peak: `${signed(rate, 0, true)} %`,
    guess_dose: `${brief(dose, true)} %`,
  });
}

/** The last screen: what the lesson comes to, and who says what it illustrates. */
export function closingView() {
  const text = el("p", { class: "closing" });
  const sum = el("p", { class: "sum" });
  const strip = ribbon();
  const said = el("div", { class: "statements" });
  const small = el("div", { class: "illustration" });
  const node = el(
    "section",
    { class: "sources" },
    text,
    sum,
    strip.node,
    el("h2", {}, say("train.statement")),
    said,
    small,
  );
  function set({ live }) {
    if (!live) return;
    write(sum, sumOf(live));
    strip.set({ ...stripOf(live), dosePercent: live.added.percent ?? 0 });
    if (text.textContent === live.closing.text) return;
    write(text, live.closing.text);
    said.replaceChildren(
      ...live.closing.statements.map(({ says, source }) =>
        el("figure", {}, el("p", { class: "says" }, says), el("figcaption", {}, say("train.source", { source }))),
      ),
    );
    const lines = [
      live.concentration && say("train.illustration", live.concentration),
      say("notice.model"),
      say("notice.long"),
    ];
    small.replaceChildren(...lines.filter(Boolean).map((line) => el("p", {}, line)));
  }
  return { name: "sources", node, set };
}

// After the run: what came out beside what was guessed, the questions, two runs side by side, and what the sources say.

import { arrange, el, mark, say as write } from "../core/dom.js";
import { firstDigit, known } from "../core/format.js";
import { closingView } from "./closing.js";
import { compareView } from "./compare.js";
import { diagnosis } from "./diagnose.js";
import { brief, digitsOf, signed } from "./format.js";
import { playView } from "./play.js";
import { questionsView } from "./questions.js";
import { stage } from "./store.js";
import { say } from "./texts.js";

const VERDICT_MARKS = { near: "✓", low: "▲", high: "▼", never: "–", not_yet: "–" };

/** The screen: four views one after the other, which this screen alone turns over. */
export function doneScreen(page, { signal, announce }) {
  const title = el("h1", {});
  const way = el("p", { class: "way" });
  const places = el("ol", { class: "places" });
  const host = el("div", { class: "view", tabindex: 0, role: "group" });
  const back = el("button", { type: "button", onclick: () => turn(-1) }, say("train.back"));
  const next = el(
    "button",
    { type: "button", class: "go primary", onclick: () => (at >= views.length - 2 ? stage.deed("back") : turn(1)) },
    say("train.next"),
  );
  const again = el("button", { type: "button", onclick: () => stage.deed("again") }, say("train.again"));
  const leave = el("button", { type: "button", onclick: () => stage.deed("back") }, say("train.leave"));
  const asking = diagnosis();
  page.append(
    el(
      "div",
      { class: "run-head" },
      el("div", { class: "what" }, title, way),
      places,
      el("div", { class: "notes" }, asking.told),
    ),
    asking.panel,
    host,
    el("div", { class: "actions turn" }, leave, again, asking.button, el("span", { class: "spacer" }), back, next),
  );
  const views = [];
  let at = 0;

  function turn(by) {
    at = Math.min(views.length - 1, Math.max(0, at + by));
    const view = views[at];
    host.replaceChildren(view.node);
    mark(page, "data-view", view.name);
    mark(host, "aria-label", say(`train.view_${view.name}`));
    for (const [number, place] of [...places.children].entries())
      mark(place.firstChild, "aria-current", number === at ? "step" : null);
    if (at === 0 && document.activeElement === back) next.focus(); // who pressed it stays where the buttons are
    back.disabled = at === 0;
    write(next, say(at >= views.length - 2 ? "train.leave" : "train.next"));
    view.set(stage.state);
    if (by) announce(say(`train.view_${view.name}`));
  }

  async function load() {
    const before = await stage.before(stage.state.lesson);
    if (signal.aborted) return;
    write(title, before.title);
    views.push(resultsView(before));
    if (before.questions.length) views.push(questionsView(before));
    if (before.compare.length) views.push(compareView(before, signal));
    views.push(closingView(), playView()); // the way leads to the sources; to play is for who wants to
    arrange(
      places,
      views.map(({ name }, number) =>
        el("li", {}, el("button", { type: "button", onclick: () => turn(number - at) }, say(`train.view_${name}`))),
      ),
    );
    turn(0);
  }

  function set(state) {
    if (!state.live) return;
    write(way, state.live.clock.label);
    mark(way, "data-replay", state.live.clock.replay);
    asking.set(state);
    views[at]?.set(state);
  }
  load().catch((error) => write(title, error.message));
  return { set };
}

/** Figures of the whole run, and each guess on its scale beside the truth. */
function resultsView(before) {
  const figures = el("dl", { class: "numbers results" });
  const guesses = el("div", { class: "guesses" });
  const node = el(
    "section",
    { class: "outcome" },
    el("h2", { class: "unseen" }, say("train.view_results")),
    figures,
    guesses,
  );
  function set({ live }) {
    if (!live) return;
    const { peak, added, concentration } = live;
    const rows = [
      ["peak", say("guess.peak_percent.label"), brief(peak.percent, true), say("guess.peak_percent.unit")],
      known(peak.after_min)
        ? [
            "after",
            say("guess.peak_after_min.label"),
            signed(peak.after_min, 0, true) + bound(peak.within_min, 0),
            say("guess.peak_after_min.unit"),
          ]
        : null,
      ["added_ul", say("number.added_ul.label"), brief(added.ul, true), say("number.added_ul.unit")],
      concentration
        ? ["added_mg", say("number.added_mg.label"), brief(added.mg, true, 2), say("number.added_mg.unit")]
        : null,
      [
        "added_percent",
        say("number.added_percent.label"),
        brief(added.percent, true),
        say("number.added_percent.unit"),
      ],
    ].filter(Boolean);
    figures.replaceChildren(...rows.map((row) => figure(...row)));
    guesses.replaceChildren(
      ...live.guesses.map((one) =>
        guessed(
          one,
          before.predict.find(({ what }) => what === one.what),
        ),
      ),
    );
  }
  return { name: "results", node, set };
}

/** How far the samples leave it open, where they were so far apart that a digit of it is in doubt. */
const bound = (within, digits) =>
  known(within) && within >= 0.5 * 10 ** -digits ? ` ± ${signed(within, digits)}` : "";

function figure(name, label, words, unit) {
  return el(
    "div",
    { "data-result": name },
    el("dt", {}, label),
    el(
      "dd",
      {},
      el("span", { class: "value" }, el("strong", { class: "number" }, words), el("span", { class: "unit" }, unit)),
    ),
  );
}

/** One guess beside the truth; with no scale if its slider is gone: somebody mended the lesson's file meanwhile. */
function guessed({ what, ask, guess, truth, verdict, within }, slider) {
  const { low, high, step } = slider ?? {};
  const signs = !(low >= 0);
  const unit = say(`guess.${what}.unit`);
  const digits = slider ? digitsOf(step) : 1;
  const truthWords = () => signed(truth, firstDigit(truth, digits), signs) + bound(within, digits);
  const words = (name, value, text) => (known(value) ? `${text} ${unit}` : say(`train.no_${name}`));
  const scale = el("div", { class: "scale", "aria-hidden": "true" });
  for (const [name, value] of [
    ["guess", guess],
    ["truth", truth],
  ]) {
    if (!known(value) || !slider) continue;
    const dot = el("span", { class: name });
    dot.style.left = `${Math.min(100, Math.max(0, ((value - low) / (high - low)) * 100))}%`;
    scale.append(dot);
  }
  const pair = (name, value, text) =>
    el(
      "div",
      { class: name, "data-empty": !known(value) },
      el("dt", {}, say(`train.${name}`)),
      el("dd", { class: "big number" }, words(name, value, text)),
    );
  return el(
    "article",
    { class: "guess-row", "data-what": what, "data-verdict": verdict },
    el("h3", {}, ask),
    el(
      "dl",
      { class: "pair" },
      pair("guess", guess, known(guess) && signed(guess, digits, signs)),
      pair("truth", truth, known(truth) && truthWords()),
    ),
    el("p", { class: "verdict" }, `${VERDICT_MARKS[verdict] ?? ""} ${verdictWords(verdict, guess, truth)}`),
    slider ? scale : null,
  );
}

function verdictWords(verdict, guess, truth) {
  if (verdict !== "never") return say(`verdict.${verdict}`);
  return say(!known(guess) ? "train.no_guess" : known(truth) ? "verdict.never" : "train.no_comparison");
}

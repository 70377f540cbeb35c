// Predict, then see: a slider for each figure that is to be guessed, with its number large. A slider that nobody moved is no
// guess. Below them, by what the lesson is played.

import { el, mark, say as write } from "../core/dom.js";
import { known } from "../core/format.js";
import { digitsOf, signed, span, times } from "./format.js";
import { stage } from "./store.js";
import { say } from "./texts.js";

const REST_MS = 250; // a slider that rested so long is a guess

/** The screen. */
export function predictScreen(page, { signal }) {
  const title = el("h1", {});
  const intro = el("p", { class: "aim" });
  const sliders = el("div", { class: "sliders" });
  const ways = el("fieldset", { class: "ways" });
  const begin = el("button", { type: "button", class: "go primary", onclick: start }, say("train.begin"));
  const back = el("button", { type: "button", onclick: () => stage.deed("back") }, say("train.leave"));
  page.append(
    el("div", { class: "lead" }, title, intro),
    el("div", { class: "ask" }, el("h2", {}, say("train.predict")), el("p", {}, say("train.predict_hint"))),
    sliders,
    ways,
    el("div", { class: "actions" }, back, begin),
  );
  const made = [];
  async function start() {
    await Promise.all(made.map((one) => one.settle())); // a guess of the last moment counts
    stage.deed("start");
  }
  let before = null;

  async function load(name) {
    const found = await stage.before(name);
    if (signal.aborted) return;
    before = found;
    write(title, before.title);
    write(intro, before.intro);
    made.push(...before.predict.map(slider));
    sliders.replaceChildren(...made.map(({ node }) => node));
    mark(page, "data-ready", "yes");
    set(stage.state);
  }

  function set(state) {
    if (!before) return;
    for (const one of made) one.set(state.guesses?.[one.what]);
    showWays(ways, before, state);
  }
  load(stage.state.lesson).catch((error) => write(intro, error.message));
  return { set };
}

function slider({ what, ask, low, high, step }) {
  const unit = say(`guess.${what}.unit`);
  const digits = digitsOf(step);
  const id = `guess-${what}`;
  const middle = low + Math.round((high - low) / 2 / step) * step;
  const shown = el("output", { class: "big number", for: id }, "?");
  const input = el("input", { type: "range", id, min: low, max: high, step, value: middle, "data-unset": true });
  const words = (value) => `${signed(value, digits, low < 0)} ${unit}`;
  let timer = null;
  function show(value) {
    mark(input, "data-unset", null);
    write(shown, words(value));
    mark(input, "aria-valuetext", words(value));
  }
  function tell() {
    clearTimeout(timer);
    timer = null;
    return stage.deed("guess", { what, value: Number(input.value) });
  }
  function moved() {
    show(Number(input.value));
    clearTimeout(timer);
    timer = setTimeout(tell, REST_MS);
  }
  const by = (notches, sign, label) => {
    const move = () => {
      input.value = Number(input.value) + notches * step;
      moved();
    };
    return el(
      "button",
      { type: "button", class: "notch", "aria-label": say(label, { what: ask }), onclick: move },
      sign,
    );
  };
  const end = (value) => el("span", { class: "edge", "aria-hidden": "true" }, words(value));
  input.addEventListener("input", moved);
  mark(input, "aria-valuetext", say("train.no_guess"));
  const node = el(
    "div",
    { class: "slider", "data-what": what },
    el("label", { for: id }, ask),
    shown,
    el("div", { class: "track" }, by(-1, "−", "train.less"), end(low), input, end(high), by(1, "+", "train.more")),
  );
  function set(value) {
    if (!known(value) || timer || (Number(input.value) === value && !input.hasAttribute("data-unset"))) return;
    input.value = value;
    show(value);
  }
  return { node, what, set, settle: () => timer && tell() };
}

/** The ways as one choice; those that cannot be say why. */
function showWays(node, before, state) {
  const chosen = `${state.source?.way} ${state.live?.clock?.speed_x}`;
  if (node.dataset.chosen === chosen) return;
  mark(node, "data-chosen", chosen);
  const one = (way) => {
    const why = way.why_not || whyNot(way, state.can);
    const choose = () => stage.deed("choose", { lesson: before.name, way: way.name, speed_x: way.speed_x });
    const input = el("input", {
      type: "radio",
      name: "way",
      value: way.name,
      checked: way.name === state.source?.way,
      disabled: Boolean(why),
      onchange: choose,
    });
    const ofNow = way.name === state.source?.way ? state.live?.clock?.speed_x : null;
    const speedX = ofNow ?? way.speed_x; // the instructor may have chosen another
    const lasts = say("train.lasts", {
      minutes: Math.max(1, Math.round(ofNow ? before.whole_min / ofNow : way.lasts_min)),
      span: span(before.whole_min),
    });
    return el(
      "label",
      { "data-way": way.name, "data-off": Boolean(why) },
      input,
      el(
        "span",
        {},
        el("strong", {}, `${say(`train.way_${way.name}`)} ${times(speedX)}`),
        el("small", {}, why || lasts),
      ),
    );
  };
  node.replaceChildren(el("legend", {}, say("train.played_as")), ...before.ways.map(one));
}

/** Why a way cannot be had here and now, though the lesson would allow it; or nothing. */
export function whyNot({ name }, can) {
  if (name === "replay" || !can) return "";
  if (!can.commands) return say("train.no_commands");
  return can[name] ? "" : say(`train.no_${name}`);
}

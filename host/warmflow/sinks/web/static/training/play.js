// Play: the sliders are the exposure, and the whole answer follows: the largest change of the rate, how late it comes, what
// it adds to a dose of fourteen days. Nothing is asked of the daemon: the model is in the page (model.js).

import { el, mark, say as write } from "../core/dom.js";
import { node as shape } from "./drawing/nodes.js";
import { brief, signed } from "./format.js";
import { altitudeKpa, answer, bath } from "./model.js";
import { BODIES, FILLS, REST } from "./model_constants.js";
import { FORTNIGHT_S, ribbon } from "./ribbon.js";
import { say } from "./texts.js";

const SOAK_MIN_S = 6; // a second of holding is so many minutes of bath
const FEVER = { skinC: 36, rampMin: 60 }; // as the scenario of the fever has it
const SLIDERS = [
  ["water", 34, 44, 0.5, 42, "bath"],
  ["minutes", 0, 120, 1, 30, "bath"],
  ["fever", 37, 40, 0.1, 39, "fever"],
  ["days", 0, 7, 0.25, 2, "fever"],
  ["altitude", 0, 3000, 100, 0, "both"],
];
const [WIDE, HIGH, POINTS] = [600, 120, 160];

/** The view. */
export function playView() {
  const values = {};
  const sliders = SLIDERS.map((row) => slider(row, (value) => change(row[0], value)));
  const body = chooser(
    "body",
    Object.keys(BODIES).map((name) => [name, say(`play.body_${name}`)]),
    "average",
  );
  const fill = chooser(
    "fill",
    Object.entries(FILLS).map(([name, one]) => [
      name,
      name === "r11-low" ? say("play.low", { fill: one.title }) : one.title,
    ]),
    "r11",
  );
  const modes = ["bath", "fever"].map((mode) =>
    el("button", { type: "button", "data-mode": mode, onclick: () => choose(mode) }, say(`play.${mode}`)),
  );
  const soak = el("button", { type: "button", class: "soak primary", "data-of": "bath" }, say("play.soak"));
  const figures = ["peak", "late", "dose"].map((name) => [name, el("strong", { class: "number" })]);
  const line = shape("path", { class: "flow" });
  const curve = shape(
    "svg",
    { class: "curve", viewBox: `0 0 ${WIDE} ${HIGH}`, preserveAspectRatio: "none", "aria-hidden": "true" },
    shape("line", { x1: 0, x2: WIDE, y1: HIGH - 10, y2: HIGH - 10 }),
    line,
  );
  const strip = ribbon();
  const node = el(
    "section",
    { class: "play-view" },
    el("p", { class: "text" }, say("play.hint")),
    el("div", { class: "group" }, ...modes, soak),
    el("div", { class: "knobs" }, ...sliders.map((one) => one.node), body.node, fill.node),
    el(
      "dl",
      { class: "numbers", "data-count": 3, "aria-live": "polite" },
      ...figures.map(([name, text]) =>
        el("div", { "data-play": name }, el("dt", {}, say(`play.${name}`)), el("dd", {}, text)),
      ),
    ),
    curve,
    strip.node,
  );
  let mode = "bath";
  let asked = 0;

  function later() {
    if (asked) return;
    asked = requestAnimationFrame(() => {
      asked = 0;
      show();
    });
  }
  function change(name, value) {
    values[name] = value;
    later();
  }
  function choose(given) {
    mode = given;
    for (const button of modes) mark(button, "aria-pressed", button.dataset.mode === mode);
    for (const one of sliders) one.node.hidden = ![mode, "both"].includes(one.of);
    soak.hidden = mode !== "bath";
    later();
  }
  function show() {
    const minutes = mode === "bath" ? values.minutes : values.days * 1440;
    const warm = mode === "bath" ? bath(values.water, minutes) : { ...FEVER, coreC: values.fever };
    const given = {
      ...warm,
      minutes,
      body: body.value(),
      fill: fill.value(),
      ambientKpa: altitudeKpa(values.altitude),
    };
    const found =
      minutes > 0 ? answer(given) : { peakPercent: 0, lateMin: 0, dosePercent: 0, at: () => ({ deviation: 0 }) };
    const words = {
      peak: `${signed(found.peakPercent, 0, true)} %`,
      late:
        Math.abs(found.lateMin) < 0.5
          ? say("train.peak_at_end")
          : say(found.lateMin > 0 ? "play.after" : "play.before", { minutes: Math.abs(Math.round(found.lateMin)) }),
      dose: `${brief(found.dosePercent, true)} %`,
    };
    for (const [name, text] of figures) write(text, words[name]);
    const wholeS = minutes * 60 + 5 * 3600;
    const points = Array.from({ length: POINTS + 1 }, (_, at) => (at * wholeS) / POINTS).map((s) => [
      s,
      100 * found.at(s).deviation,
    ]);
    const most = Math.max(40, ...points.map(([, percent]) => Math.abs(percent)));
    mark(
      line,
      "d",
      points
        .map(
          ([s, percent], at) =>
            `${at ? "L" : "M"} ${((s * WIDE) / wholeS).toFixed(1)} ${(HIGH - 10 - ((HIGH - 20) * percent) / most).toFixed(1)}`,
        )
        .join(" "),
    );
    strip.set({ points, spanS: FORTNIGHT_S, dosePercent: found.dosePercent });
    mark(node, "data-shown", Number(node.dataset.shown ?? 0) + 1);
  }

  let soaking = null;
  function hold(event) {
    if (event.type === "keydown" && (event.repeat || ![" ", "Enter"].includes(event.key))) return;
    event.preventDefault();
    const beganMs = performance.now();
    const minutes = sliders.find((one) => one.name === "minutes");
    const step = () => {
      minutes.set(Math.min(120, ((performance.now() - beganMs) / 1000) * SOAK_MIN_S));
      soaking = requestAnimationFrame(step);
    };
    cancelAnimationFrame(soaking);
    step();
    mark(soak, "aria-pressed", true);
  }
  function out() {
    cancelAnimationFrame(soaking);
    soaking = null;
    mark(soak, "aria-pressed", false);
  }
  for (const name of ["pointerdown", "keydown"]) soak.addEventListener(name, hold);
  for (const name of ["pointerup", "pointercancel", "pointerleave", "keyup", "blur"]) soak.addEventListener(name, out);
  for (const one of [body, fill]) one.node.addEventListener("change", later);
  for (const one of sliders) one.set(one.at);
  choose("bath");
  return { name: "play", node, set: () => {} };
}

function slider([name, min, max, step, at, of], changed) {
  const id = `play-${name}`;
  const shown = el("output", { class: "number", for: id });
  const input = el("input", { type: "range", id, min, max, step });
  const digits = Number.isInteger(step) ? 0 : step === 0.25 ? 2 : 1;
  function show() {
    const value = Number(input.value);
    const none = name === "fever" && value <= REST.core_c;
    write(shown, none ? say("play.none") : say(`play.${name}_value`, { value: signed(value, digits) }));
    mark(input, "aria-valuetext", shown.textContent);
    changed(value);
  }
  input.addEventListener("input", show);
  function set(value) {
    input.value = value;
    show();
  }
  return {
    name,
    of,
    at,
    set,
    node: el("div", { class: "knob" }, el("label", { for: id }, say(`play.${name}`)), shown, input),
  };
}

function chooser(name, options, at) {
  const select = el(
    "select",
    { id: `play-${name}` },
    ...options.map(([value, text]) => el("option", { value, selected: value === at }, text)),
  );
  return {
    node: el("div", { class: "knob" }, el("label", { for: select.id }, say(`play.${name}`)), select),
    value: () => select.value,
  };
}

// The limits of a pump, to be seen and changed: flow too high and too low, hold times, dose, near empty. The daemon checks
// them; what it refuses is said in its own words. Each change is a line in the history of the alarms.

import { el, mark, say } from "../core/dom.js";
import { yourName } from "../core/operator_name.js";
import { LIMIT_FIELDS } from "../core/vocabulary.js";
import { ask } from "./alarm_actions.js";

const ROWS = [
  ["Flow too high, %", "rate_low_above_percent", "rate_medium_above_percent", "rate_high_above_percent"],
  ["Flow too low, %", "rate_low_below_percent", "rate_medium_below_percent", "rate_high_below_percent"],
  ["Dose, %", "dose_low_percent", "dose_medium_percent"],
  ["Near empty, days", "near_empty_low_days", "near_empty_medium_days"],
];
const MORE = [
  ["Flow hysteresis, %", "rate_hysteresis_percent"],
  ["Flow hold time, s", "rate_raise_hold_s"],
  ["… before it clears, s", "rate_clear_hold_s"],
  ["Dose hysteresis, %", "dose_hysteresis_percent"],
];

/** The panel of a pump; `set(judged)` writes the limits that are in force, unless somebody is changing them. */
export function limitsPanel(pump) {
  const inputs = new Map(Object.entries(LIMIT_FIELDS).map(([name, field]) => [name, inputOf(name, field)]));
  const name = yourName("limits-name");
  const wrong = el("p", { class: "wrong", role: "alert" });
  const done = el("p", { class: "done", role: "status" });
  const whose = el(
    "select",
    { "aria-label": "Whose limits" },
    el("option", { value: "pump" }, `${pump} only`),
    el("option", { value: "all" }, "all pumps"),
  );
  let shown = {}; // the values in force, as they were written
  const cell = (each) => el("td", {}, ...(each ? [inputs.get(each)] : []));
  const line = ([label, ...names]) =>
    el("tr", {}, el("th", { scope: "row" }, label), ...[0, 1, 2].map((at) => cell(names[at])));
  const heads = ["", "low", "medium", "high"].map((word) => el("th", { scope: "col" }, word));
  const usual = el("button", { type: "button", onclick: () => send(resets()) }, "Back to default");
  const form = el(
    "form",
    { onsubmit: save, oninput: () => mark(form, "data-changed", Object.keys(changes()).length > 0) },
    el("table", { class: "limits" }, el("thead", {}, el("tr", {}, ...heads)), el("tbody", {}, ...ROWS.map(line))),
    el("table", { class: "limits" }, el("tbody", {}, ...MORE.map(line))),
    el("div", { class: "inline" }, el("label", {}, "For ", whose), ...name.nodes),
    el("div", { class: "inline" }, el("button", {}, "Set limits"), usual),
  );
  const node = el(
    "section",
    { class: "panel limits-panel", "aria-label": "Limits" },
    el("details", {}, el("summary", {}, "Limits"), form, wrong, done),
  );

  /** What was typed and differs from what is in force. */
  const changes = () =>
    Object.fromEntries(
      [...inputs]
        .filter(([each, { value }]) => value !== String(shown[each]))
        .map(([each, { value }]) => [each, +value]),
    );

  const resets = () => Object.fromEntries([...inputs.keys()].map((each) => [each, null]));

  function save(event) {
    event.preventDefault();
    const changed = changes();
    if (Object.keys(changed).length) send(changed);
    else say(wrong, "Change a limit first.");
  }

  async function send(limits) {
    say(done, "");
    const by = name.said();
    if (!by) return say(wrong, "Enter your name; it is recorded with the change.");
    const of = whose.value === "pump" ? { pump } : {};
    const [good, said] = await ask("set_limits", { ...of, limits, by });
    say(wrong, good ? "" : `Not set: ${said}`);
    if (!good) return;
    mark(form, "data-changed", false);
    say(done, `Set for ${whose.value === "pump" ? pump : "all pumps"}. The alarm history has it.`);
    if (of.pump) write(said.limits);
  }

  function write(limits) {
    shown = limits;
    for (const [each, input] of inputs) {
      input.value = limits[each];
      mark(input, "data-own", limits[each] !== LIMIT_FIELDS[each].default);
    }
  }

  return {
    node,
    set: ({ limits }) => {
      const same = [...inputs.keys()].every((each) => limits[each] === shown[each]);
      if (!same && !form.hasAttribute("data-changed")) write(limits);
    },
  };
}

function inputOf(name, { label, unit, min, max }) {
  const title = `${label}, ${unit}`;
  return el("input", { type: "number", step: "any", required: true, name, min, max, title, "aria-label": title });
}

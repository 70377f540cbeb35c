// Commands to a pump: refill, rate, speed, profile, a scenario, an exposure, a fault for trainers, identify. What the board
// answers is shown in its own words; so is its refusal. The rows are those of control_table.js.

import { el, mark, say } from "../core/dom.js";
import { clock } from "../core/format.js";
import { model } from "../core/store.js";
import { PROFILES } from "../core/vocabulary.js";
import { ask } from "./alarm_actions.js";
import { CONTROLS } from "./control_table.js";
import { scenarioCard } from "./scenario_card.js";

/** The page; it says so where commands are off. */
export function controlsPage(page, { signal }) {
  const pump = el("select", { id: "control-pump" });
  const off = el("p", { class: "empty" });
  const scenario = scenarioCard(() => pump.value, signal);
  const cards = CONTROLS.map((control) => card(control, () => pump.value));
  const list = el("div", { class: "controls" }, ...cards.map(({ node }) => node), scenario.node);
  page.append(
    el("div", { class: "page-head" }, el("h1", {}, "Controls"), el("label", { for: "control-pump" }, "Pump"), pump),
    off,
    list,
  );
  const prefill = () => {
    for (const each of cards) each.prefill(pump.value, presentOf(pump.value));
  };
  const show = () => {
    const names = [...model.pumps.keys()].sort();
    const chosen = pump.value || new URLSearchParams(location.search).get("pump");
    if (names.join() !== [...pump.options].map(({ value }) => value).join()) {
      pump.replaceChildren(...names.map((name) => el("option", { value: name }, name)));
      if (names.includes(chosen)) pump.value = chosen;
    }
    scenario.set();
    prefill();
    list.hidden = !model.me.commands;
    off.hidden = model.me.commands;
    say(off, "Commands are off here: set commands = true in [http] of the settings, and start the daemon again.");
  };
  show();
  pump.addEventListener("change", () => {
    scenario.set();
    prefill();
  });
  for (const what of ["table", "me"]) model.addEventListener(what, show, { signal });
}

function card({ kind, title, go, says, fields, sure }, pumpOf) {
  const answer = el("output", { class: "board", "aria-live": "polite" });
  const inputs = new Map(fields.map((field) => [field, inputOf(kind, field)]));
  const rows = fields.map((field) =>
    el(
      "div",
      { class: "field" },
      el("label", { for: `${kind}-${field.name}` }, field.label),
      inputs.get(field),
      el("span", { class: "unit" }, field.unit ?? ""),
    ),
  );
  const button = el("button", { class: "go" }, go);
  const submit = async (event) => {
    event.preventDefault();
    if (sure && !confirm(`${sure} (${pumpOf()})`)) return;
    button.disabled = true;
    mark(answer, "data-outcome", "waiting");
    say(answer, "asking the board …");
    const [good, words] = await send(kind, { pump: pumpOf(), ...valuesOf(inputs) });
    button.disabled = false;
    mark(answer, "data-outcome", good ? "ok" : "error");
    say(answer, `${good ? "✓" : "✕"} ${clock(model.nowS())} ${words}`);
  };
  const node = el(
    "form",
    { class: "card", "data-kind": kind, onsubmit: submit },
    el("h2", {}, title),
    el("p", {}, says),
    ...rows,
    button,
    answer,
  );
  const given = new Map([...inputs].map(([{ name }, input]) => [name, input.value]));
  const filled = new Map(given); // what stands in a field without anybody's hand: that alone may be written over
  let of = null;
  function prefill(pump, present) {
    for (const [{ name }, input] of inputs) {
      if (!(name in present)) continue;
      const value = `${present[name] ?? given.get(name)}`;
      const own = pump === of && input.value !== filled.get(name);
      if (own) continue;
      if (input.value !== value) input.value = value;
      filled.set(name, value);
    }
    of = pump;
  }
  return { node, prefill };
}

/** What a pump has now of what can be set, as far as the table knows it. */
function presentOf(name) {
  const { rig, last } = model.pumps.get(name) ?? {};
  return {
    speed_x: last?.speed_x ?? rig?.speed_x,
    rate_hz: rig?.rate_hz,
    profile: PROFILES.includes(rig?.profile) ? rig.profile : null,
  };
}

function inputOf(kind, { name, choices, given, type, step, min, max, hint }) {
  if (choices)
    return el(
      "select",
      { id: `${kind}-${name}` },
      ...choices.map((each) => el("option", { value: each }, each.replace("_", " "))),
    );
  return el("input", {
    id: `${kind}-${name}`,
    type,
    step,
    min,
    max,
    value: given ?? "",
    placeholder: hint,
    inputmode: "decimal",
  });
}

function valuesOf(inputs) {
  const filled = [...inputs].filter(([, input]) => input.value !== "");
  return Object.fromEntries(
    filled.map(([{ name, choices, factor = 1 }, input]) => [
      name,
      choices ? input.value : factor === 1 ? Number(input.value) : Math.round(Number(input.value) * factor),
    ]),
  );
}

/** Whether the board carried it out, and its answer. */
async function send(kind, fields) {
  if (fields.fault === "none") delete fields.duration_s;
  const [good, said] = await ask(kind, fields);
  if (!good) return [false, said];
  const board = said?.board;
  return [true, board ? `done: ${typeof board === "string" ? board : JSON.stringify(board)}` : "done"];
}

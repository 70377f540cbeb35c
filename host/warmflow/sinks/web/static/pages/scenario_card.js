// Scenarios on a pump: started and stopped here, and how the one that is played stands. The daemon sends the steps; its
// answer carries the board's own words.

import { el, mark, say } from "../core/dom.js";
import { clock, known } from "../core/format.js";
import { model } from "../core/store.js";
import { SCENARIO_STATES } from "../core/texts.js";
import { ask } from "./alarm_actions.js";

/** A card for Controls; `pumpOf()` names the pump that is chosen. `set()` is to be called when that may have changed. */
export function scenarioCard(pumpOf, signal) {
  const choice = el("select", { id: "scenario-name" });
  const why = el("p");
  const state = el("p", { class: "scenario-state", role: "status" });
  const answer = el("output", { class: "board", "aria-live": "polite" });
  const start = el("button", { class: "go" }, "Start");
  const stop = el("button", { type: "button", class: "go", onclick: () => send("scenario_stop", {}) }, "Stop");
  const field = el("div", { class: "field wide" }, el("label", { for: "scenario-name" }, "Scenario"), choice);
  const node = el(
    "form",
    { class: "card", "data-kind": "scenario", onsubmit },
    el("h2", {}, "Scenario"),
    el("p", {}, "Plays what happens to a body or a pump, in pump time; one at a time."),
    field,
    why,
    state,
    el("div", { class: "group" }, start, stop),
    answer,
  );
  let rows = [];

  function onsubmit(event) {
    event.preventDefault();
    send("scenario_start", { scenario: choice.value });
  }

  async function send(kind, fields) {
    for (const button of [start, stop]) button.disabled = true;
    mark(answer, "data-outcome", "waiting");
    say(answer, "asking the board …");
    const [good, said] = await ask(kind, { pump: pumpOf(), ...fields });
    mark(answer, "data-outcome", good ? "ok" : "error");
    say(answer, `${good ? "✓" : "✕"} ${clock(model.nowS())} ${good ? said.board : said}`);
    set();
  }

  function set() {
    const played = model.scenarios[pumpOf()];
    const plays = played?.state === "playing";
    start.disabled = plays || !rows.length;
    stop.disabled = !plays;
    say(state, scenarioWords(pumpOf()));
    say(why, rows.find(({ scenario }) => scenario === choice.value)?.why ?? "");
  }

  async function load() {
    const [good, said] = await ask("scenarios", {});
    if (!good || signal.aborted) return;
    rows = said.scenarios;
    choice.replaceChildren(...rows.map(({ scenario, title }) => el("option", { value: scenario }, title)));
    set();
  }

  choice.addEventListener("change", set);
  for (const what of ["scenarios", "table"]) model.addEventListener(what, set, { signal });
  load();
  return { node, set };
}

/** `Hot tub: playing, 12 of 30 min of pump time`; "" where nothing was played. */
export function scenarioWords(pump) {
  const played = model.scenarios[pump];
  if (!played) return "";
  const { title, state, reason, began_pump_time_s: beganS, length_min: lengthMin } = played;
  const nowS = model.pumps.get(pump)?.last?.pump_time_s;
  const minute = (nowS - beganS) / 60;
  const far =
    state === "playing" && known(minute) && known(beganS)
      ? `, ${Math.max(0, Math.floor(minute))} of ${Math.ceil(lengthMin)} min of pump time`
      : "";
  return `${title}: ${SCENARIO_STATES[state] ?? state}${far}${reason ? `: ${reason}` : ""}`;
}

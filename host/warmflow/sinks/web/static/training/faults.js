// Faults that the instructor injects, unseen by the trainees until they are shown; and what the trainees say it is.

import { el, mark, say as write } from "../core/dom.js";
import { FAULTS, WARM_POCKET_C } from "../core/vocabulary.js";
import { signed } from "./format.js";
import { stage } from "./store.js";
import { say } from "./texts.js";

/** The panel. */
export function faultsPanel() {
  const fault = el(
    "select",
    { id: "inject-fault" },
    ...FAULTS.map((name) => el("option", { value: name }, say(`fault.${name}`))),
  );
  const size = el("input", { type: "range", id: "inject-size", min: 0.05, max: 1, step: 0.05, value: 1 });
  const shown = el("output", { class: "number", for: "inject-size" });
  const inject = el(
    "button",
    {
      type: "button",
      class: "inject",
      onclick: () => stage.deed("inject", { fault: fault.value, magnitude: Number(size.value) }),
    },
    say("instructor.inject_now"),
  );
  const list = el("ul", { class: "in-force" });
  const told = el("p", { class: "diagnosed", role: "status" });
  const node = el(
    "section",
    { class: "panel faults" },
    el("h2", {}, say("instructor.inject")),
    el("div", { class: "field" }, el("label", { for: "inject-fault" }, say("report.fault")), fault),
    el(
      "div",
      { class: "field" },
      el("label", { for: "inject-size" }, say("instructor.size")),
      el("span", { class: "sized" }, size, shown),
    ),
    inject,
    list,
    told,
  );
  function resize() {
    write(shown, sizeOf(fault.value, Number(size.value)));
    mark(size, "aria-valuetext", shown.textContent);
  }
  for (const input of [fault, size]) input.addEventListener("input", resize);
  resize();

  function set({ faults = {}, revealed = [], diagnosed, phase }) {
    inject.disabled = phase !== "run";
    const key = JSON.stringify([faults, revealed]);
    if (list.dataset.of !== key) {
      mark(list, "data-of", key);
      list.replaceChildren(
        ...Object.entries(faults)
          .filter(([, by]) => by)
          .map(([name, by]) => row(name, by, revealed.includes(name))),
      );
    }
    write(
      told,
      diagnosed ? say("instructor.diagnosed", { fault: say(`fault.${diagnosed}`) }) : say("instructor.no_diagnosis"),
    );
    mark(
      told,
      "data-right",
      diagnosed ? (Object.keys(faults).length ? diagnosed in faults : diagnosed === "none") : null,
    );
  }
  return { node, set };
}

function row(name, by, isShown) {
  const words = `${say(isShown ? "instructor.shown" : "instructor.injected", { fault: say(`fault.${name}`) })} (${sizeOf(name, by)})`;
  return el(
    "li",
    { "data-fault": name },
    el("span", {}, words),
    el(
      "button",
      { type: "button", class: "reveal", disabled: isShown, onclick: () => stage.deed("reveal", { fault: name }) },
      say("instructor.reveal"),
    ),
    el(
      "button",
      { type: "button", class: "end", onclick: () => stage.deed("inject", { fault: name, magnitude: 0 }) },
      say("instructor.end_fault"),
    ),
  );
}

/** How large a fault is, in words: a warm pocket of 1 is so much warmer, the others are a share of the flow. */
const sizeOf = (name, by) =>
  name === "warm_pocket"
    ? `+${signed(by * WARM_POCKET_C, 2)} ${say("number.pump_c.unit")}`
    : `${signed(by * 100, 0)} ${say("guess.peak_percent.unit")}`;

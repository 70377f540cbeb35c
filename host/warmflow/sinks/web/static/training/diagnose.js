// What is wrong with this pump? The trainees may always say, whether or not something was done to it: that they may ask
// gives nothing away. What the instructor shows them afterwards is held beside what they said.

import { el, mark, say as write } from "../core/dom.js";
import { FAULTS } from "../core/vocabulary.js";
import { stage } from "./store.js";
import { say } from "./texts.js";

/** A button that opens the question, and what came of it. */
export function diagnosis(signal) {
  const choices = ["none", ...FAULTS].map((fault) => {
    const tell = async () => (await stage.deed("diagnose", { fault })) && dialog.close();
    return el("button", { type: "button", "data-fault": fault, onclick: tell }, say(`fault.${fault}`));
  });
  const close = el("button", { type: "button", onclick: () => dialog.close() }, say("train.close"));
  const dialog = el(
    "dialog",
    { class: "diagnose", "aria-labelledby": "diagnose-title" },
    el("h2", { id: "diagnose-title" }, say("train.diagnose")),
    el("p", {}, say("train.diagnose_hint")),
    el("div", { class: "choices" }, ...choices),
    close,
  );
  const button = el(
    "button",
    { type: "button", class: "ask-diagnosis", onclick: () => dialog.showModal() },
    say("train.diagnose_short"),
  );
  const told = el("p", { class: "told", role: "status", hidden: true });
  document.body.append(dialog);
  signal.addEventListener("abort", () => dialog.remove());
  function set({ diagnosed, revealed = [] }) {
    for (const choice of choices) mark(choice, "aria-pressed", choice.dataset.fault === diagnosed);
    told.hidden = !diagnosed && !revealed.length;
    mark(told, "data-right", revealed.length ? revealed.includes(diagnosed) : null);
    write(told, words(diagnosed, revealed));
  }
  return { button, told, set };
}

function words(diagnosed, revealed) {
  const said = diagnosed ? say("train.diagnosed", { fault: say(`fault.${diagnosed}`) }) : "";
  if (!revealed.length) return said;
  const truth = say("train.revealed", { fault: revealed.map((fault) => say(`fault.${fault}`)).join("; ") });
  const verdict = diagnosed ? say(revealed.includes(diagnosed) ? "train.right" : "train.wrong") : "";
  return [said, truth, verdict].filter(Boolean).join(" ");
}

// What is wrong with this pump? The trainees may always say, whether or not something was done to it: that they may ask
// gives nothing away. While a fault is hidden the question takes the place of the lesson's words, beside the drawing.
// What the instructor shows them afterwards is held beside what they said.

import { el, mark, say as write } from "../core/dom.js";
import { FAULTS } from "../core/vocabulary.js";
import { stage } from "./store.js";
import { say } from "./texts.js";

/** A button that opens the question, the question as a panel, and what came of it. `opened(yes)` is told of each change. */
export function diagnosis(opened = () => {}) {
  const choices = ["none", ...FAULTS].map((fault) => {
    const tell = async () => (await stage.deed("diagnose", { fault })) && !hidden && show(false);
    return el("button", { type: "button", "data-fault": fault, onclick: tell }, ...named(say(`fault.${fault}`)));
  });
  const title = el("h2", { id: "diagnose-title", tabindex: -1 }, say("train.diagnose"));
  const panel = el(
    "section",
    { class: "diagnose", "aria-labelledby": "diagnose-title", hidden: true },
    title,
    el("p", {}, say("train.diagnose_hint")),
    el("div", { class: "choices" }, ...choices),
    el("button", { type: "button", class: "close", onclick: () => show(false) }, say("train.lesson_again")),
  );
  const button = el("button", { type: "button", class: "ask-diagnosis", onclick: ask }, say("train.diagnose_short"));
  const told = el("p", { class: "told", role: "status", hidden: true });
  let hidden = false;

  function show(yes) {
    if (panel.hidden === !yes) return;
    const held = panel.contains(document.activeElement);
    panel.hidden = !yes;
    mark(button, "aria-expanded", yes);
    opened(yes);
    if (held) button.focus();
  }
  function ask() {
    show(true);
    title.focus();
  }
  panel.addEventListener("keydown", (event) => event.key === "Escape" && show(false));
  mark(button, "aria-expanded", false);

  function set({ diagnosed, revealed = [], tell }) {
    const riddle = tell === false; // of the daemon: a fault is in force that the group was not told of
    if (riddle !== hidden) show(riddle);
    hidden = riddle;
    for (const choice of choices) mark(choice, "aria-pressed", choice.dataset.fault === diagnosed);
    told.hidden = !diagnosed && !revealed.length;
    mark(told, "data-right", revealed.length ? revealed.includes(diagnosed) : null);
    write(told, words(diagnosed, revealed));
  }
  return { button, panel, told, set };
}

/** The name of a fault, and below it what it is. */
function named(text) {
  const [name, ...what] = text.split(": ");
  return [el("strong", {}, name), el("small", {}, what.join(": "))];
}

function words(diagnosed, revealed) {
  const said = diagnosed ? say("train.diagnosed", { fault: say(`fault.${diagnosed}`) }) : "";
  if (!revealed.length) return said;
  const truth = say("train.revealed", { fault: revealed.map((fault) => say(`fault.${fault}`)).join("; ") });
  const verdict = diagnosed ? say(revealed.includes(diagnosed) ? "train.right" : "train.wrong") : "";
  return [said, truth, verdict].filter(Boolean).join(" ");
}

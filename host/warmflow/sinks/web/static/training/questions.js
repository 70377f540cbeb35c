// The questions after a run, one at a time: an answer is told whether it is right, why, and where that comes from.

import { el, mark, say as write } from "../core/dom.js";
import { stage } from "./store.js";
import { say } from "./texts.js";

/** The view. */
export function questionsView(before) {
  const node = el("section", { class: "questions" });
  const count = el("p", { class: "count" });
  const asked = el("h2", {});
  const choices = el("div", { class: "choices" });
  const why = el("div", { class: "why", "aria-live": "polite", hidden: true });
  const back = el("button", { type: "button", onclick: () => turn(-1) }, say("train.question_before"));
  const next = el("button", { type: "button", onclick: () => turn(1) }, say("train.question_next"));
  node.append(count, asked, choices, why, el("div", { class: "actions" }, back, next));
  let at = 0;
  let state = null;

  function turn(by) {
    at = Math.min(before.questions.length - 1, Math.max(0, at + by));
    const question = before.questions[at];
    write(count, say("train.question_of", { number: at + 1, count: before.questions.length }));
    write(asked, question.text);
    choices.replaceChildren(
      ...question.choices.map((words, number) =>
        el(
          "button",
          {
            type: "button",
            "data-choice": number,
            onclick: () => stage.deed("answer", { question: at, choice: number }),
          },
          words,
        ),
      ),
    );
    back.hidden = at === 0;
    next.hidden = at === before.questions.length - 1;
    show();
  }

  function show() {
    const said = state?.answers?.[at];
    why.hidden = !said;
    for (const button of choices.children) {
      const number = Number(button.dataset.choice);
      mark(
        button,
        "data-is",
        !said ? null : number === said.right_choice ? "right" : number === said.choice ? "wrong" : "other",
      );
      button.disabled = Boolean(said) && number !== said.right_choice && number !== said.choice;
    }
    if (!said || why.dataset.of === `${at} ${said.right}`) return;
    mark(why, "data-of", `${at} ${said.right}`);
    mark(why, "data-right", said.right);
    why.replaceChildren(
      el("strong", {}, `${said.right ? "✓" : "✕"} ${say(said.right ? "train.right" : "train.wrong")}`),
      el("p", {}, said.why),
      el("small", {}, say("train.source", { source: said.source })),
    );
  }

  function set(now) {
    state = now;
    show();
  }
  turn(0);
  return { name: "questions", node, set };
}

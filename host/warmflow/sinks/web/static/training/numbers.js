// The numbers of a step: large and live, each with its unit, and what it was when the step came. The page has one legend
// for what is calculated; what is measured or declared has a mark.

import { arrange, el, mark, say as write } from "../core/dom.js";
import { known } from "../core/format.js";
import { kindOf, minus, signed } from "./format.js";
import { say } from "./texts.js";

/** A list that keeps its rows while their names stay: only digits change. */
export function numberRows() {
  const node = el("dl", { class: "numbers" });
  const rows = new Map();
  function set(numbers) {
    for (const { name, label, unit } of numbers) if (!rows.has(name)) rows.set(name, row(label, unit));
    arrange(
      node,
      numbers.map(({ name }) => rows.get(name).node),
    );
    mark(node, "data-count", numbers.length);
    for (const number of numbers) rows.get(number.name).set(number);
  }
  return { node, set };
}

function row(label, unit) {
  const text = el("strong", { class: "number" });
  const kind = el("span", { class: "kind" });
  const change = el("span", { class: "change number" });
  const at = el("span", { class: "at number" });
  const node = el(
    "div",
    {},
    el("dt", {}, label),
    el(
      "dd",
      {},
      el("span", { class: "value" }, text, el("span", { class: "unit" }, unit)),
      el("span", { class: "below" }, change, at, kind),
    ),
  );
  function set({ name, value, text: words, kind: how, kind_text: howText, change: by, then_text: then }) {
    mark(node, "data-number", name);
    mark(node, "data-empty", !known(value));
    write(text, minus(words));
    mark(kind, "data-kind", how);
    kind.hidden = how === "modelled";
    write(kind, kindOf(how, howText));
    write(at, then && then !== words ? say("train.then", { value: minus(then) }) : "");
    const digits = (words.split(".")[1] ?? "").length;
    const still = !known(by) || Math.abs(by) < 0.5 * 10 ** -digits;
    mark(change, "data-way", still ? null : by > 0 ? "up" : "down");
    write(change, still ? "" : say("train.change", { change: `${by > 0 ? "▲" : "▼"} ${signed(by, digits, true)}` }));
  }
  return { node, set };
}

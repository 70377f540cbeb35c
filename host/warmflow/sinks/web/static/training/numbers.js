// The numbers of a step: large, each with its unit, how it came to be, and what it has changed since the start.

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
  const node = el(
    "div",
    {},
    el("dt", {}, label),
    el(
      "dd",
      {},
      el("span", { class: "value" }, text, el("span", { class: "unit" }, unit)),
      el("span", { class: "below" }, change, kind, el("span", { class: "now" }, say("train.now"))),
    ),
  );
  function set({ name, value, text: words, kind: how, kind_text: howText, change: by }) {
    mark(node, "data-number", name);
    mark(node, "data-empty", !known(value));
    write(text, minus(words));
    mark(kind, "data-kind", how);
    write(kind, kindOf(how, howText));
    const digits = (words.split(".")[1] ?? "").length;
    const still = !known(by) || Math.abs(by) < 0.5 * 10 ** -digits;
    mark(change, "data-way", still ? null : by > 0 ? "up" : "down");
    write(change, still ? "" : say("train.change", { change: `${by > 0 ? "▲" : "▼"} ${signed(by, digits, true)}` }));
  }
  return { node, set };
}

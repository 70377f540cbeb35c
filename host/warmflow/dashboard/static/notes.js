// Notes at moments of a pump, kept by the daemon for everybody. Where the daemon keeps none, nothing of it is shown.

import { el, say } from "./dom.js";
import { iso, moment, seconds, utc } from "./format.js";
import { model } from "./model.js";

/** `where` has at(), range() and shown(list). */
export function notes(pump, where) {
  const list = el("ol"), wrong = el("p", { class: "wrong", role: "alert" }), text = el("input", { type: "text", maxlength: 200, required: true, id: "note-text" });
  const form = el("form", { class: "inline", hidden: true, onsubmit: send }, el("label", { for: "note-text" }, "Note"), text, el("button", {}, "Keep"));
  const node = el("section", { class: "panel notes", hidden: true, "aria-label": "Notes" }, el("h2", {}, "Notes"), form, list, wrong);
  let atS = 0;

  async function load() {
    if (!model.me.annotations) return;
    const [fromS, toS] = where.range();
    const asked = new URLSearchParams({ pump, from: iso(fromS), to: iso(toS) });
    const answer = await fetch(`/api/annotations?${asked}`).catch(() => null);
    if (!answer?.ok) return;
    const { annotations } = await answer.json();
    node.hidden = false;
    for (const button of document.querySelectorAll("button.note")) button.hidden = false;
    list.replaceChildren(...annotations.map(item));
    where.shown(annotations.map(({ time }) => seconds(time)));
  }

  async function send(event) {
    event.preventDefault();
    const body = JSON.stringify({ pump, time: iso(atS), text: text.value });
    const answer = await fetch("/api/annotations", { method: "POST", body, headers: { "Content-Type": "application/json" } }).catch(() => null);
    say(wrong, answer?.ok ? "" : `not kept: ${answer ? (await answer.json().catch(() => ({}))).detail ?? answer.status : "no connection"}`);
    if (!answer?.ok) return;
    form.hidden = true;
    text.value = "";
    load();
  }

  function ask() {
    atS = where.at();
    form.hidden = false;
    text.placeholder = `at ${moment(atS)}`;
    text.focus();
  }

  return { node, load, ask };
}

function item({ time, text, by }, at) {
  const timeS = seconds(time);
  return el("li", {}, el("time", { datetime: time, title: utc(timeS) }, moment(timeS)), ` ${text}`, by ? el("small", {}, ` ${by}`) : null);
}

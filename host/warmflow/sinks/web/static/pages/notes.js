// Notes at moments of a pump, kept by the daemon for everybody: written here, taken away here, numbered in the plots. Where
// the daemon keeps none, nothing of it is shown.

import { el, mark, say } from "../core/dom.js";
import { iso, moment, seconds, utc } from "../core/format.js";
import { yourName } from "../core/operator_name.js";
import { model } from "../core/store.js";

const WAIT_MS = 250; // a wheel turns often
const AGAIN_MS = 15_000; // others write, too

/** `where` has at(), range() and shown(list); `signal` ends it. */
export function notes(pump, where, signal) {
  const list = el("ol");
  const wrong = el("p", { class: "wrong", role: "alert" });
  const text = el("input", { type: "text", maxlength: 500, required: true, id: "note-text" });
  const name = yourName("note-name");
  const form = el(
    "form",
    { class: "note-form", hidden: true, onsubmit: send, onkeydown: (event) => event.key === "Escape" && close() },
    el("div", { class: "inline" }, el("label", { for: "note-text" }, "Note"), text),
    el("div", { class: "inline" }, ...name.nodes),
    el(
      "div",
      { class: "inline" },
      el("button", {}, "Keep"),
      el("button", { type: "button", onclick: close }, "Cancel"),
    ),
  );
  const none = el("p", {}, "No notes here. Press N to add one at the cursor.");
  const node = el(
    "section",
    { class: "panel notes", hidden: true, "aria-label": "Notes" },
    el("h2", {}, "Notes"),
    form,
    none,
    list,
    wrong,
  );
  let atS = 0;
  let waiting = 0;
  let before = null;

  /** Asks again, soon. */
  function load() {
    clearTimeout(waiting);
    waiting = setTimeout(now, WAIT_MS);
  }

  async function now() {
    if (!model.me.annotations || signal.aborted) return;
    const found = await annotations(pump, ...where.range()).catch(() => null);
    if (!found || signal.aborted) return;
    node.hidden = false;
    none.hidden = found.length > 0;
    for (const button of document.querySelectorAll("button.note")) button.hidden = false;
    list.replaceChildren(...found.map((note) => item(note, remove)));
    where.shown(found);
  }

  async function send(event) {
    event.preventDefault();
    const by = name.said();
    if (!by) return say(wrong, "Enter your name; it is recorded with the note.");
    const done = await ask("POST", "", { pump, time: iso(atS), text: text.value, by });
    say(wrong, done && `not kept: ${done}`);
    if (done) return;
    close();
    now();
  }

  async function remove(note) {
    if (!confirm(`Delete this note? ${note.text}`)) return;
    const done = await ask("DELETE", `/${note.id}`);
    say(wrong, done && `not removed: ${done}`);
    now();
  }

  /** Puts the form away with what is in it; whoever opened it has the focus again. */
  function close() {
    form.hidden = true;
    text.value = "";
    say(wrong, "");
    before?.focus({ preventScroll: true });
  }

  function write() {
    if (node.hidden) return; // the daemon keeps none
    if (form.hidden) before = document.activeElement;
    atS = where.at();
    form.hidden = false;
    mark(text, "placeholder", `at ${moment(atS)}`);
    text.focus();
  }

  const timer = setInterval(load, AGAIN_MS);
  signal.addEventListener("abort", () => {
    clearInterval(timer);
    clearTimeout(waiting);
  });
  return { node, load, ask: write };
}

/** Notes of a stretch, oldest first. Throws where the daemon cannot. */
export async function annotations(pump, fromS, toS) {
  const answer = await fetch(`/api/annotations?${new URLSearchParams({ pump, from: iso(fromS), to: iso(toS) })}`);
  if (!answer.ok) throw new Error(`notes: ${answer.status}`);
  return (await answer.json()).annotations;
}

/** "" if it was done, else why not. */
async function ask(method, path, fields) {
  const answer = await fetch(`/api/annotations${path}`, {
    method,
    body: fields && JSON.stringify(fields),
    headers: { "Content-Type": "application/json" },
  }).catch(() => null);
  if (!answer) return "no connection to the daemon";
  return answer.ok ? "" : ((await answer.json().catch(() => ({}))).detail ?? `${answer.status}`);
}

function item(note, remove) {
  const timeS = seconds(note.time);
  const label = `Delete: ${note.text}`;
  return el(
    "li",
    {},
    el("time", { datetime: note.time, title: utc(timeS) }, moment(timeS)),
    ` ${note.text} `,
    el("small", {}, note.by),
    el(
      "button",
      { type: "button", class: "away", title: label, "aria-label": label, onclick: () => remove(note) },
      "✕",
    ),
  );
}

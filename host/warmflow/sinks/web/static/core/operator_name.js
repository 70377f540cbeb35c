// Who does something here: the name given at the login, else the one that this browser remembers. Nobody checks it.

import { el } from "./dom.js";
import { model } from "./store.js";

const KEY = "warmflow.name";

const remembered = () => model.me.user || localStorage.getItem(KEY) || "";

/** A labelled input; `said()` is the name, "" if there is none: then the input has the focus. */
export function yourName(id) {
  const input = el("input", { id, type: "text", maxlength: 60, value: remembered(), autocomplete: "name" });
  input.addEventListener("change", () => localStorage.setItem(KEY, input.value));
  if (!model.met) model.addEventListener("me", () => (input.value ||= remembered()), { once: true });
  function said() {
    const name = input.value.trim();
    if (!name) input.focus();
    return name;
  }
  return { nodes: [el("label", { for: id }, "Your name"), input], said };
}

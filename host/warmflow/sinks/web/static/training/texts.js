// The texts of the training page: all of them are the daemon's catalogue. A key that is not there is an error that a test
// sees, never an empty place on the screen.

import { mark, say as write } from "../core/dom.js";

let catalogue = {};

/** Asks for the catalogue; nothing can be said before. */
export async function loadTexts() {
  const answer = await fetch("/api/train/texts");
  if (!answer.ok) throw new Error(`${answer.status}: the texts of the page did not come`);
  catalogue = await answer.json();
}

/** Takes a catalogue that is there already: that of a lesson in one file. */
export function useTexts(given) {
  catalogue = given;
}

/** The text of a key with its words filled in. */
export function say(key, words = {}) {
  const text = catalogue[key];
  if (text === undefined) throw new Error(`${key}: no such text`);
  return text.replace(/\{(\w+)\}/g, (_braces, name) => {
    if (words[name] === undefined) throw new Error(`${key}: nobody gives ${name} to it`);
    return words[name];
  });
}

/** All texts by key. */
export const texts = () => catalogue;

/** Writes what the elements of a document ask for by `data-text`. */
export function fill(root) {
  for (const node of root.querySelectorAll("[data-text]")) write(node, say(node.dataset.text));
  mark(document.documentElement, "data-texts", "there");
}

// The few things that every part of the drawing is made of: SVG nodes by DOM calls, never out of strings of markup.

import { mark } from "../../core/dom.js";

const NS = "http://www.w3.org/2000/svg";

/** An SVG element; null leaves an attribute out. */
export function node(tag, attributes = {}, ...children) {
  const made = document.createElementNS(NS, tag);
  for (const [name, given] of Object.entries(attributes)) mark(made, name, given);
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

/** A group of one class. */
export const group = (name, ...children) => node("g", { class: name }, ...children);

/** A path of one class. */
export const path = (name, d) => node("path", { class: name, d });

export const circle = (name, cx, cy, r) => node("circle", { class: name, cx, cy, r });

export const line = (name, x1, y1, x2, y2) => node("line", { class: name, x1, y1, x2, y2 });

export const rect = (name, x, y, width, height, rx = 0) => node("rect", { class: name, x, y, width, height, rx });

/** A line of text; `end` and `middle` set its anchor. */
export function text(name, x, y, words = "", anchor = null) {
  const made = node("text", { class: name, x, y, "text-anchor": anchor });
  made.textContent = words;
  return made;
}

/** A number, filled in later. */
export function figure(x, y, { anchor = null } = {}) {
  const value = node("tspan", { class: "d-value" });
  return Object.assign(node("text", { class: "d-figure", x, y, "text-anchor": anchor }, value), { value });
}

/** The same small numbers at every start: textures that never jump from one picture to the next. */
export function scatter(seed) {
  let at = seed;
  return () => {
    at = (at * 16807) % 2147483647;
    return at / 2147483647;
  };
}

/** Numbers for a path: two digits are finer than any screen. */
export const n = (number) => Math.round(number * 100) / 100;

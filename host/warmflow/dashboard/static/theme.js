// Dark or light: as the system has it, or as somebody chose. Canvases ask here for the colours that the styles have.

const KEY = "warmflow.theme";
const ORDER = ["auto", "dark", "light"];
const system = matchMedia("(prefers-color-scheme: light)");

let forced = null; // a printout is light

export const theme = new EventTarget();

export function chosen() {
  return ORDER.includes(localStorage.getItem(KEY)) ? localStorage.getItem(KEY) : "auto";
}

export function shown() {
  return forced ?? (chosen() === "auto" ? (system.matches ? "light" : "dark") : chosen());
}

export function next() {
  localStorage.setItem(KEY, ORDER[(ORDER.indexOf(chosen()) + 1) % ORDER.length]);
  apply();
}

export function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

export function apply() {
  if (document.documentElement.dataset.theme === shown()) return;
  document.documentElement.dataset.theme = shown();
  theme.dispatchEvent(new Event("change"));
}

function force(what) {
  forced = what;
  apply();
}

system.addEventListener("change", apply);
addEventListener("beforeprint", () => force("light"));
addEventListener("afterprint", () => force(null));
apply();

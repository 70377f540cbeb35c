// Dark or light: as the system has it, or as somebody chose. Canvases ask here for the colours that the styles have.

const KEY = "warmflow.theme";
const ORDER = ["auto", "dark", "light"];
const system = matchMedia("(prefers-color-scheme: light)");
const paper = matchMedia("print");

let printing = false;

export const theme = new EventTarget();

export function chosen() {
  return ORDER.includes(localStorage.getItem(KEY)) ? localStorage.getItem(KEY) : "auto";
}

/** Whether what is drawn now is for paper. */
export const onPaper = () => printing || paper.matches;

export function shown() {
  if (onPaper()) return "light";
  return chosen() === "auto" ? (system.matches ? "light" : "dark") : chosen();
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

function print(now) {
  printing = now;
  theme.dispatchEvent(new Event("paper"));
  apply();
}

for (const media of [system, paper]) media.addEventListener("change", apply);
paper.addEventListener("change", () => theme.dispatchEvent(new Event("paper")));
addEventListener("beforeprint", () => print(true)); // plots are drawn anew before paper is looked at
addEventListener("afterprint", () => print(false));
apply();

// The training page: the stage's phase says which screen the trainees see; /train/instructor is the instructor's panel.
// Nothing but the daemon's word changes the screen, so that all who look see the same.

import { mark, say as write } from "../core/dom.js";
import * as themes from "../core/theme.js";
import { chooseScreen } from "./choose.js";
import { instructorScreen } from "./instructor.js";
import { predictScreen } from "./predict.js";
import { doneScreen } from "./results.js";
import { runScreen } from "./run.js";
import { stage } from "./store.js";
import { fill, loadTexts, say } from "./texts.js";

const SCREENS = { choose: chooseScreen, predict: predictScreen, run: runScreen, done: doneScreen };
const AGAIN_MS = 2000;
const TOLD_MS = 8000; // a refusal stays so long
const by = (id) => document.getElementById(id);
const isInstructor = /\/instructor\/?$/.test(location.pathname);
let leaving = new AbortController();
let screen = null;
let shown = null;
let told = null;

function show() {
  const state = stage.state;
  if (!state) return;
  const key = isInstructor ? "instructor" : [state.phase, state.lesson, state.group].join(" ");
  if (key !== shown) enter(key, isInstructor ? instructorScreen : SCREENS[state.phase]);
  screen.set(state);
}

/** Puts one screen in place of another; who was on something that is gone is led to the new one. */
function enter(key, make) {
  const first = shown === null;
  const main = by("page");
  shown = key;
  leaving.abort();
  leaving = new AbortController();
  main.replaceChildren();
  main.className = make.name;
  mark(document.documentElement, "data-screen", isInstructor ? "instructor" : stage.state.phase);
  screen = make(main, { signal: leaving.signal, announce });
  if (first || document.activeElement !== document.body) return;
  main.focus({ preventScroll: true });
  scrollTo(0, 0);
}

function announce(words) {
  write(by("voice"), words);
}

function showConnection() {
  const away = stage.connection !== "open";
  mark(document.documentElement, "data-connection", stage.connection);
  by("connection").hidden = !away;
  write(by("connection"), say(stage.connection === "away" ? "train.away" : "train.connecting"));
}

function showRefused({ detail }) {
  clearTimeout(told);
  if (detail) told = setTimeout(() => showRefused({ detail: "" }), TOLD_MS);
  by("refused").hidden = !detail;
  write(by("refused"), detail ? say("train.refused_deed", { why: detail }) : "");
}

function showTheme() {
  write(by("theme"), say("train.theme", { theme: say(`train.theme_${themes.chosen()}`) }));
}

async function start() {
  try {
    await loadTexts();
  } catch (error) {
    write(by("connection"), error.message); // the only words that are not in the catalogue: it did not come
    by("connection").hidden = false;
    setTimeout(start, AGAIN_MS);
    return;
  }
  fill(document);
  document.title = `${say(isInstructor ? "instructor.title" : "train.title_short")} · warmflow`;
  for (const link of document.querySelectorAll("nav a"))
    mark(link, "aria-current", link.pathname === location.pathname ? "page" : null);
  by("theme").addEventListener("click", () => {
    themes.next();
    showTheme();
  });
  stage.addEventListener("state", show);
  stage.addEventListener("connection", showConnection);
  stage.addEventListener("refused", showRefused);
  showTheme();
  stage.start(isInstructor ? "instructor" : "trainee");
}

mark(document.documentElement, "data-kiosk", new URLSearchParams(location.search).get("kiosk") === "1");
start();

// A lesson in one file, with no daemon: the run was computed when the file was made, and is played from it at the tempo of
// the lesson. Drawing, ribbon and the playable model are those of the training page. Asks nothing of any network.

import { el, mark, say as write } from "../core/dom.js";
import { drawing } from "./drawing/drawing.js";
import { brief, pumpClock, signed, times } from "./format.js";
import { numberRows } from "./numbers.js";
import { playView } from "./play.js";
import { FORTNIGHT_S, ribbon } from "./ribbon.js";
import { say, texts, useTexts } from "./texts.js";

const lesson = JSON.parse(document.getElementById("lesson").textContent);
useTexts(lesson.texts);
const page = document.getElementById("page");
const picture = el("div", { class: "picture" });
const title = el("h2", {});
const text = el("p", { class: "text" });
const rows = numberRows();
const clock = el("strong", { class: "number" });
const speed = el("span", { class: "number" });
const begin = el("button", { type: "button", class: "go primary", onclick: press }, say("train.begin"));
const strip = ribbon();
const sum = el("p", { class: "sum", role: "status" });
const card = el("article", { class: "step", "aria-live": "polite" }, title, text, rows.node);
const sources = el(
  "section",
  { class: "sources" },
  el("p", { class: "closing" }, lesson.closing.text),
  el("h2", {}, say("train.statement")),
  ...lesson.closing.statements.map(({ says, source }) =>
    el("figure", {}, el("p", { class: "says" }, says), el("figcaption", {}, say("train.source", { source }))),
  ),
  el("p", { class: "illustration" }, say("notice.model")),
);
sources.hidden = true;
page.append(
  el("div", { class: "lead" }, el("h1", {}, lesson.title), el("p", {}, lesson.intro)),
  el("div", { class: "actions" }, begin, clock, speed),
  el("div", { class: "scene" }, picture, card),
  strip.node,
  sum,
  sources,
  el("h2", {}, say("train.view_play")),
  playView().node,
);
const living = drawing(picture, texts());
const { frames, steps, begins_s: beginsS, whole_s: wholeS } = lesson;
let realS = 0;
let runs = false;
let lastMs = 0;

function press() {
  if (realS >= frames.at(-1).at_s) realS = 0;
  runs = !runs;
  lastMs = performance.now();
  write(begin, say(runs ? "train.pause" : "train.resume"));
  if (runs) requestAnimationFrame(step);
  else show();
}

function step(nowMs) {
  if (!runs) return;
  realS += (nowMs - lastMs) / 1000;
  lastMs = nowMs;
  if (realS >= frames.at(-1).at_s) {
    runs = false;
    write(begin, say("train.again"));
  }
  show();
  if (runs) requestAnimationFrame(step);
}

function show() {
  const found = frames.findLastIndex(({ at_s: atS }) => atS <= realS);
  const frame = frames[Math.max(0, found)];
  const over = realS >= frames.at(-1).at_s;
  const shown =
    steps[
      Math.max(
        0,
        steps.findLastIndex(({ t_s: s }) => s <= frame.t_s),
      )
    ];
  write(title, shown.title);
  write(text, shown.text);
  mark(card, "data-step", shown.id);
  rows.set(shown.numbers.map((row) => ({ ...row, ...frame.texts[row.name] })));
  write(clock, pumpClock({ t_s: frame.t_s, begins_s: beginsS }));
  write(speed, times(frame.speed_x));
  living.draw({ drawing: frame.drawing, start: frames[0].drawing, part: shown.part, phase_text: "", paused: !runs });
  const points = frames.slice(0, found + 1).map(({ t_s: s, drawing: { deviation_percent: percent } }) => [s, percent]);
  const dosePercent = frame.drawing.added_percent;
  strip.set({ points, spanS: over ? Math.max(FORTNIGHT_S, wholeS) : wholeS, dosePercent });
  sources.hidden = !over;
  write(
    sum,
    over ? say("train.sum", { peak: signed(lesson.peak_percent, 0, true), dose: brief(dosePercent, true) }) : "",
  );
  mark(document.documentElement, "data-over", over);
}

document.title = `${lesson.title} · warmflow`;
mark(document.documentElement, "data-ready", true);
show();

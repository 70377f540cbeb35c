// The run: one step at a time, large, with its numbers; the living drawing; the plot; clock and speed always in sight.

import { el, mark, say as write } from "../core/dom.js";
import { diagnosis } from "./diagnose.js";
import { drawing } from "./drawing/drawing.js";
import { kindOf, pumpClock, times } from "./format.js";
import { coursePlot } from "./lesson_plot.js";
import { numberRows } from "./numbers.js";
import { stage } from "./store.js";
import { say, texts } from "./texts.js";

const BUTTONS = "button, input, select, a";
const OVER = /^(normal|returned)/; // states of an alarm whose pump is back to normal

/** The screen. */
export function runScreen(page, { signal, announce }) {
  const card = stepCard(announce);
  const asking = diagnosis((yes) => (card.node.hidden = yes)); // one of the two stands beside the drawing
  const head = headOf(asking);
  const picture = el("div", { class: "picture" });
  const course = coursePlot(signal);
  const scene = el("div", { class: "scene" }, picture, card.node, asking.panel);
  page.append(head.node, scene, course.node);
  const living = drawing(picture, texts());
  let ofLesson = false; // for a daemon that does not say `tell`: a fault that the lesson itself is about is no riddle
  stage.before(stage.state.lesson).then(
    ({ events }) => (ofLesson = events.some(({ kind }) => kind === "fault")),
    () => {},
  );

  function set(state) {
    const { live, shown } = state;
    if (!live) return;
    head.set(state);
    card.set(state);
    const lost = state.source?.ok === false;
    mark(scene, "data-stale", lost); // a board that is silent: what is shown is old, and looks it
    living.draw({
      drawing: live.drawing,
      start: state.start ?? null,
      part: shown?.step.part ?? null,
      phase_text: live.clock.phase_text,
      paused: stands(state) || lost,
      tell: state.tell ?? (ofLesson || state.revealed?.length > 0),
    });
    course.set(state);
  }

  function key(event) {
    if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey || event.target.closest?.(BUTTONS))
      return;
    const does = { " ": head.pause, ArrowRight: head.next }[event.key];
    if (!does) return;
    event.preventDefault();
    does();
  }
  addEventListener("keydown", key, { signal });
  return { set };
}

/** Whether nothing moves: a board that is paused goes on at the pace of real time. */
const stands = ({ paused, live }) => paused && live.clock.replay;

const levelOf = (level) => (texts()[`train.level_${level}`] ? say(`train.level_${level}`) : level);

function headOf(asking) {
  const title = el("h1", {});
  const way = el("p", { class: "way" });
  const clock = el("strong", { class: "number" });
  const phase = el("span", {});
  const speed = el("strong", { class: "number" });
  const speedHint = el("span", {});
  const next = () => stage.state.shown?.waiting > 0 && stage.deed("next");
  const pause = () => stage.deed(stage.state.paused ? "resume" : "pause");
  const pausing = el("button", { type: "button", class: "pause", onclick: pause });
  const going = el("button", { type: "button", class: "next go primary", onclick: next }, say("train.next"));
  const leave = el("button", { type: "button", class: "leave", onclick: () => stage.deed("back") }, say("train.leave"));
  const notes = el("div", { class: "notes" });
  const alarm = el("p", { class: "alarm", role: "alert", hidden: true });
  const lost = el("p", { class: "banner", role: "alert", hidden: true });
  const told = el("span", {});
  const answer = el("button", { type: "button", onclick: () => stage.deed("acknowledge") }, say("train.acknowledge"));
  alarm.append(
    told,
    el("span", { class: "kind", "data-kind": "measured" }, kindOf("measured", say("train.by_monitor"))),
    answer,
  );
  notes.append(lost, alarm, asking.told);
  const node = el(
    "div",
    { class: "run-head" },
    el("div", { class: "what" }, title, way),
    el("div", { class: "dial" }, el("small", {}, say("train.pump_time")), clock, phase),
    el("div", { class: "dial speed" }, el("small", {}, say("train.speed_short")), speed, speedHint),
    el("div", { class: "actions" }, leave, asking.button, pausing, going),
    notes,
  );
  function set({ live, paused, source, shown, alarm: flag, revealed, diagnosed, tell }) {
    write(title, live.title);
    write(way, live.clock.label);
    mark(way, "data-replay", live.clock.replay);
    write(clock, pumpClock(live.clock));
    write(phase, paused ? say(live.clock.replay ? "train.paused" : "train.slowed") : live.clock.phase_text);
    write(speedHint, say(live.clock.hurried && !paused ? "train.hurried" : "train.speed_hint"));
    mark(speedHint, "data-hurried", live.clock.hurried && !paused);
    mark(phase, "data-paused", paused);
    write(speed, times(live.clock.speed_x));
    write(pausing, say(paused ? "train.resume" : "train.pause"));
    mark(going, "data-waiting", shown?.waiting > 0);
    mark(going, "aria-disabled", !(shown?.waiting > 0)); // it keeps the focus of who goes by keyboard
    lost.hidden = source?.ok !== false;
    write(lost, source?.ok === false ? source.why || say("train.link_lost") : "");
    const on = flag && flag.active !== false && !OVER.test(flag.state ?? "") && flag.level !== "normal" ? flag : null;
    alarm.hidden = !on;
    mark(alarm, "data-level", on?.level);
    write(told, on ? say("train.flag", { level: levelOf(on.level), text: on.text }) : "");
    answer.hidden = !/unacknowledged/.test(on?.state ?? "");
    asking.set({ revealed, diagnosed, tell });
  }
  return { node, set, next, pause };
}

function stepCard(announce) {
  const count = el("p", { class: "count" });
  const title = el("h2", {});
  const text = el("p", { class: "text" });
  const rows = numberRows();
  const ahead = el("p", { class: "ahead" });
  const progress = el("ol", { class: "progress" });
  const small = el("p", { class: "illustration" });
  const node = el(
    "article",
    { class: "step" },
    el("div", { class: "step-head" }, count, progress),
    title,
    text,
    rows.node,
    small,
    ahead,
  );
  let last = null;
  function set({ live, shown }) {
    if (!shown) {
      write(title, say("train.soon"));
      return;
    }
    const { step, number, count: all } = shown;
    write(count, say("train.step", { number, count: all }));
    write(title, step.title);
    write(text, step.text);
    rows.set(shown.numbers);
    const mg = shown.numbers.some(({ name }) => name === "added_mg") ? live.concentration : null;
    small.hidden = !mg;
    write(small, mg ? say("train.illustration", mg) : "");
    const coming = live.steps[number];
    write(
      ahead,
      shown.waiting > 0
        ? say("train.ready", { title: coming?.title ?? "" })
        : coming
          ? say("train.waiting", { title: coming.title })
          : "",
    );
    mark(ahead, "data-waiting", shown.waiting > 0);
    showProgress(progress, live.steps, number);
    if (last === step.id) return;
    last = step.id;
    mark(node, "data-step", step.id);
    announce(`${say("train.step", { number, count: all })}: ${step.title}. ${step.text}`);
  }
  return { node, set };
}

function showProgress(node, steps, now) {
  if (node.children.length !== steps.length)
    node.replaceChildren(...steps.map(({ title }) => el("li", { title }, el("span", { class: "unseen" }, title))));
  steps.forEach(({ reached_s: reachedS }, at) => {
    mark(
      node.children[at],
      "data-is",
      at + 1 === now ? "shown" : at + 1 < now ? "seen" : reachedS === null ? "ahead" : "reached",
    );
    mark(node.children[at], "aria-current", at + 1 === now ? "step" : null);
  });
}

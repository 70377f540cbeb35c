// The instructor's panel: what is played and how fast, what the trainees see now, faults unseen by them, and the log.

import { el, mark, say as write } from "../core/dom.js";
import { showProblems } from "./choose.js";
import { faultsPanel } from "./faults.js";
import { brief, pumpClock, times } from "./format.js";
import { logPanel } from "./log.js";
import { numberRows } from "./numbers.js";
import { playPanel } from "./playback_panel.js";
import { asked, stage } from "./store.js";
import { say } from "./texts.js";

/** The screen. */
export function instructorScreen(page, { signal }) {
  const problems = el("section", { class: "panel problems", "aria-live": "polite", hidden: true });
  const group = el("p", { class: "summary" });
  const next = el(
    "button",
    { type: "button", class: "next-group", onclick: () => stage.deed("next_group") },
    say("instructor.next_group"),
  );
  const report = el("a", { href: "/train/report?as=instructor", target: "_blank" }, say("instructor.report"));
  const plan = el("a", { target: "_blank", hidden: true }, say("instructor.plan"));
  const [play, faults, steps, seen, log] = [playPanel(signal), faultsPanel(), stepsPanel(), mirror(), logPanel(signal)];
  const parts = [play, faults, steps, seen, log];
  const column = (...panels) => el("div", {}, ...panels.map(({ node }) => node));
  page.append(
    el(
      "div",
      { class: "page-head" },
      el("h1", {}, say("instructor.title")),
      group,
      next,
      el("small", {}, say("instructor.next_group_hint")),
      el("span", { class: "spacer" }),
      plan,
      report,
    ),
    el("div", { class: "panels" }, column(play, faults), column(steps), column(seen, log)),
    problems,
  );
  async function look() {
    const found = await asked("lessons").catch(() => null);
    if (!found || signal.aborted) return;
    play.shelf(found.lessons);
    showProblems(problems, found);
  }
  stage.addEventListener("shelf", look, { signal });
  look();
  function set(state) {
    write(group, say("instructor.group", { group: state.group }));
    plan.hidden = !state.lesson;
    mark(plan, "href", state.lesson ? `/train/plan/${encodeURIComponent(state.lesson)}` : null);
    for (const part of parts) part.set(state);
  }
  return { set };
}

/** The steps of the lesson, each a button that jumps to it. */
function stepsPanel() {
  const list = el("ol", { class: "jumps" });
  const node = el(
    "section",
    { class: "panel" },
    el("h2", {}, say("instructor.jump")),
    el("p", { class: "hint" }, say("instructor.jump_hint")),
    list,
  );
  let of = null;
  function set({ live, shown, lesson }) {
    node.hidden = !live;
    if (!live) return;
    if (of !== lesson) {
      of = lesson;
      list.replaceChildren(
        ...live.steps.map(({ id, title }) =>
          el(
            "li",
            {},
            el("button", { type: "button", "data-step": id, onclick: () => stage.deed("jump", { step: id }) }, title),
          ),
        ),
      );
    }
    live.steps.forEach(({ reached_s: s }, at) => {
      const is = at + 1 === shown?.number ? "shown" : s === null ? "ahead" : "reached";
      mark(list.children[at], "data-is", is);
      list.children[at].firstChild.disabled = !live.clock.replay;
      mark(list.children[at].firstChild, "aria-current", is === "shown" ? "step" : null);
    });
  }
  return { node, set };
}

/** What the trainees see now, small. */
function mirror() {
  const phase = el("strong", {});
  const clock = el("span", { class: "number" });
  const step = el("p", { class: "text" });
  const rows = numberRows();
  const way = el("p", { class: "way" });
  const lost = el("p", { class: "wrong" });
  const whole = el("p", { class: "number" });
  const guesses = el("ul", {});
  const node = el(
    "section",
    { class: "panel mirror" },
    el("h2", {}, say("instructor.mirror")),
    el("p", {}, phase, " ", clock),
    way,
    lost,
    step,
    rows.node,
    whole,
    guesses,
  );
  function set({ phase: of, paused, live, shown, source, guesses: said, group }) {
    mark(node, "data-phase", of);
    write(
      phase,
      [
        live?.title,
        say(`train.phase_${of}`),
        paused ? say(!live || live.clock.replay ? "train.paused" : "train.slowed") : "",
      ]
        .filter(Boolean)
        .join(" · "),
    );
    write(clock, live ? `${pumpClock(live.clock)} · ${times(live.clock.speed_x)}` : "");
    write(way, live?.clock.label ?? "");
    mark(way, "data-replay", live?.clock.replay);
    write(lost, source?.ok === false ? source.why : "");
    write(step, shown ? `${say("train.step", { number: shown.number, count: shown.count })}: ${shown.step.title}` : "");
    rows.set(shown?.numbers ?? []);
    write(
      whole,
      live
        ? say("instructor.so_far", {
            peak: brief(live.peak.percent, true),
            added: brief(live.added.percent ?? 0, true),
          })
        : "",
    );
    const rowsOf = Object.entries(said ?? {}).map(
      ([what, value]) => `${say(`guess.${what}.label`)}: ${value} ${say(`guess.${what}.unit`)}`,
    );
    if (guesses.dataset.of === `${group} ${rowsOf}`) return;
    mark(guesses, "data-of", `${group} ${rowsOf}`);
    guesses.replaceChildren(...rowsOf.map((words) => el("li", {}, words)));
  }
  return { node, set };
}

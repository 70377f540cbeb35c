// The instructor's choice of what is played: lesson, way and speed, and the buttons of a run. What cannot be played says why.

import { el, mark, say as write } from "../core/dom.js";
import { times } from "./format.js";
import { whyNot } from "./predict.js";
import { stage } from "./store.js";
import { say } from "./texts.js";

const NOTCHES = [1, 2, 5, 10, 20, 30, 60, 120, 200, 300, 600, 1000, 2000, 5000, 10000, 20000];

/** The panel; `shelf(lessons)` fills its list. */
export function playPanel(signal) {
  const lesson = el("select", { id: "play-lesson" });
  const way = el("select", { id: "play-way" });
  const speed = el("select", { id: "play-speed" });
  const why = el("ul", { class: "hint" });
  const field = (node, key) => el("div", { class: "field" }, el("label", { for: node.id }, say(key)), node);
  const deed = (name, key, more = {}) =>
    el("button", { type: "button", "data-deed": name, onclick: () => stage.deed(name), ...more }, say(key));
  const buttons = [
    deed("start", "instructor.start", { class: "go" }),
    deed("pause", "instructor.pause"),
    deed("resume", "train.resume"),
    deed("next", "train.next"),
    deed("again", "train.again"),
    deed("back", "train.leave"),
  ];
  const choose = el(
    "button",
    {
      type: "button",
      class: "choose",
      onclick: () => stage.deed("choose", { lesson: lesson.value, way: way.value, speed_x: Number(speed.value) }),
    },
    say("instructor.choose"),
  );
  const node = el(
    "section",
    { class: "panel play" },
    el("h2", {}, say("instructor.play")),
    field(lesson, "report.lesson"),
    field(way, "instructor.way"),
    field(speed, "instructor.speed"),
    choose,
    el("div", { class: "buttons" }, ...buttons),
    why,
  );
  let before = null;
  let can = null;
  let followed = null;

  function shelf(lessons) {
    const was = lesson.value || stage.state?.lesson;
    lesson.replaceChildren(
      ...lessons.map(({ name, title }) => el("option", { value: name, selected: name === was }, title)),
    );
    const { lesson: played, source, live } = stage.state ?? {};
    if (lesson.value) load(lesson.value === played ? { way: source?.way, speed_x: live?.clock.speed_x } : undefined);
  }
  async function load(wanted) {
    const name = lesson.value;
    const found = await stage.before(name).catch(() => null);
    if (!found || signal.aborted || name !== lesson.value) return;
    before = found;
    showWays(wanted?.way ?? before.way.name, wanted?.speed_x);
  }
  function showWays(chosen, speedX) {
    const reasons = before.ways.map((one) => [one, one.why_not || whyNot(one, can)]);
    way.replaceChildren(
      ...reasons.map(([{ name }, not]) =>
        el(
          "option",
          { value: name, disabled: Boolean(not), selected: name === chosen && !not },
          say(`train.way_${name}`),
        ),
      ),
    );
    if (way.selectedIndex < 0 || way.selectedOptions[0]?.disabled) way.value = "replay";
    why.replaceChildren(
      ...reasons
        .filter(([, not]) => not)
        .map(([{ name }, not]) => el("li", { "data-way": name }, `${say(`train.way_${name}`)}: ${not}`)),
    );
    showSpeeds(speedX);
  }
  function showSpeeds(speedX) {
    const of = before.ways.find(({ name }) => name === way.value);
    const wanted = speedX ?? of.speed_x;
    const notches = [...new Set([...NOTCHES.filter((notch) => notch <= of.most_x), wanted])].sort((a, b) => a - b);
    speed.replaceChildren(
      ...notches.map((notch) => el("option", { value: notch, selected: notch === wanted }, times(notch))),
    );
  }
  lesson.addEventListener("change", () => load());
  way.addEventListener("change", () => showSpeeds());

  function set(state) {
    const fits = {
      predict: ["start", "back"],
      run: [state.paused ? "resume" : "pause", "next", "again", "back"],
      done: ["again", "back"],
      choose: [],
    }[state.phase];
    for (const button of buttons) button.disabled = !fits.includes(button.dataset.deed);
    write(choose, say(state.phase === "choose" ? "instructor.choose" : "instructor.choose_other"));
    mark(node, "data-phase", state.phase);
    const follows = `${state.lesson} ${state.source?.way} ${JSON.stringify(state.can)}`;
    can = state.can;
    if (followed === follows) return;
    followed = follows;
    if (state.lesson && lesson.value !== state.lesson) lesson.value = state.lesson;
    if (lesson.value) load(state.lesson ? { way: state.source?.way, speed_x: state.live?.clock.speed_x } : undefined);
  }
  return { node, set, shelf };
}

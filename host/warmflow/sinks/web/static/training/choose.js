// The shelf: every lesson as a card, in groups of what it illustrates, and what was refused with file, line and key.

import { el, mark } from "../core/dom.js";
import { span, times } from "./format.js";
import { asked, stage } from "./store.js";
import { say } from "./texts.js";

// which of the source statements a lesson illustrates first tells where it stands; what no group claims stands last
const GROUPS = [
  ["heat", [3, 4, 6]],
  ["pressure", [5, 10]],
  ["trouble", [11]],
  ["pump", null],
];
const WIDE = 4; // a group of more lessons takes two columns

/** The screen. */
export function chooseScreen(page, { signal }) {
  const shelf = el("div", { class: "shelf" });
  const problems = el("section", { class: "problems", "aria-live": "polite", hidden: true });
  page.append(
    el("div", { class: "lead" }, el("h1", {}, say("train.choose")), el("p", {}, say("notice.long"))),
    shelf,
    problems,
  );
  async function show() {
    try {
      const found = await asked("lessons");
      if (signal.aborted) return;
      shelf.replaceChildren(...grouped(found.lessons).map(([name, lessons]) => section(name, lessons)));
      showProblems(problems, found);
    } catch (error) {
      shelf.replaceChildren(el("p", { class: "wrong", role: "alert" }, error.message));
    }
  }
  stage.addEventListener("shelf", show, { signal });
  show();
  const here = (can) => `${can?.virtual} ${can?.probe}`;
  let was = here(stage.state?.can);
  function set({ can }) {
    if (here(can) === was) return;
    was = here(can);
    show();
  }
  return { set };
}

/** What was refused, for whoever has to mend it. */
export function showProblems(node, { problems, refused }) {
  const wrong = problems ?? refused ?? [];
  node.hidden = !wrong.length;
  const row = ({ file, line, key, text }) =>
    el(
      "tr",
      {},
      el("th", { scope: "row" }, file.split("/").pop()),
      el("td", { class: "number" }, `${line}`),
      el("td", {}, el("code", {}, key)),
      el("td", {}, text),
    );
  const heads = ["train.file", "train.line", "train.key", "train.fault"].map((key) =>
    el("th", { scope: "col" }, say(key)),
  );
  node.replaceChildren(
    el("h2", {}, `${say("train.refused")} `, el("small", {}, say("train.refused_hint"))),
    el("table", {}, el("thead", {}, el("tr", {}, ...heads)), el("tbody", {}, ...wrong.map(row))),
  );
}

function grouped(lessons) {
  const groupOf = ({ statement }) =>
    GROUPS.find(([, numbers]) => numbers === null || numbers.includes(statement[0]))[0];
  return GROUPS.map(([name]) => [name, lessons.filter((lesson) => groupOf(lesson) === name)]).filter(
    ([, each]) => each.length,
  );
}

function section(name, lessons) {
  const node = el(
    "section",
    { class: "group-of-cards", "aria-label": say(`train.group_${name}`) },
    el("h2", {}, say(`train.group_${name}`)),
  );
  const cards = el("div", { class: "cards" }, ...lessons.map(card));
  mark(node, "data-wide", lessons.length > WIDE);
  node.append(cards);
  return node;
}

function card({ name, title, intro, whole_min: wholeMin, way, probe }) {
  const choose = () => stage.deed("choose", { lesson: name });
  const plays = stage.state?.can?.virtual || way.name !== "virtual" ? way.name : "replay"; // at the same speed, if no Pico is here
  const replay = plays === "replay";
  return el(
    "article",
    { class: "lesson-card", "data-lesson": name },
    el("h3", {}, el("button", { type: "button", onclick: choose }, title)),
    el("p", { class: "aim" }, intro),
    probe && stage.state?.can?.probe
      ? el(
          "button",
          { type: "button", class: "dip", onclick: () => stage.deed("choose", { lesson: name, way: "probe" }) },
          say("train.dip"),
        )
      : null,
    el(
      "p",
      { class: "meta" },
      el("span", { class: replay ? "tag replay" : "tag" }, say(`train.way_${plays}`), " ", times(way.speed_x)),
      el("span", {}, say("train.lasts", { minutes: Math.max(1, Math.round(way.lasts_min)), span: span(wholeMin) })),
    ),
  );
}

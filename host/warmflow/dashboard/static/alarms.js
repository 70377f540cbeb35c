// All alarms in one list: state, priority, cause, since; acknowledged, shelved and commented on here. What happened is apart.
// Nothing is taken as done before the daemon says so.

import { deeds } from "./deeds.js";
import { arrange, el, mark, say } from "./dom.js";
import { duration, known, moment, seconds, utc } from "./format.js";
import { model } from "./model.js";
import { ALARM_STATES, LEVELS, NO_ALARMS, PRIORITIES } from "./texts.js";

const COLUMNS = ["Priority", "Pump", "What", "State", "Since", "Answer"];
const PAST = ["When", "Pump", "What happened", "By", "Alarm"];
const PAST_ROWS = 200;
const RANK = { high: 3, medium: 2, low: 1 };

/** The page. */
export function alarmsPage(page, { signal }) {
  const rows = new Map(), body = el("tbody"), past = el("tbody"), none = el("p", { class: "empty" }, NO_ALARMS);
  const wrong = el("p", { class: "wrong", role: "alert" }), asked = deeds((words) => say(wrong, words));
  const open = listOf("Alarms now", COLUMNS, body), over = listOf("What happened to alarms", PAST, past);
  page.append(el("div", { class: "page-head" }, el("h1", {}, "Alarms"), ...asked.name), wrong, none, open, el("h2", {}, "History of the last day"), over);

  function show() {
    const now = model.alarms.filter(({ state }) => stateOf(state).open).sort(byUrgency);
    for (const alarm of now) {
      const key = keyOf(alarm);
      if (!rows.has(key)) rows.set(key, row(alarm, asked));
      update(rows.get(key), alarm);
    }
    arrange(body, now.map((alarm) => rows.get(keyOf(alarm)).node));
    none.hidden = now.length > 0;
    open.hidden = !now.length;
  }

  async function history() {
    const [good, said] = await asked.ask("alarm_history", { hours: 24, limit: PAST_ROWS });
    if (!good || signal.aborted) return;
    past.replaceChildren(...said.history.toReversed().map(pastRow));
    over.hidden = !said.history.length;
  }

  show();
  history();
  model.addEventListener("alarms", () => {
    show();
    history();
  }, { signal });
  const timer = setInterval(show, 1000);
  signal.addEventListener("abort", () => clearInterval(timer));
}

const keyOf = ({ pump, id }) => `${pump}/${id}`;

export const stateOf = (state) => ALARM_STATES[state] ?? { mark: "?", word: state, open: true };

/** The most urgent first: what nobody has acknowledged before the rest. */
export function byUrgency(a, b) {
  const weight = ({ state, priority }) => (state.includes("unacknowledged") ? 10 : state === "shelved" ? -10 : 0) + (RANK[priority] ?? 0);
  return weight(b) - weight(a) || keyOf(a).localeCompare(keyOf(b));
}

function listOf(name, columns, body) {
  const head = el("tr", {}, ...columns.map((column) => el("th", { scope: "col" }, column)));
  return el("table", { class: "alarms", "aria-label": name }, el("thead", {}, head), body);
}

function row(alarm, asked) {
  const parts = {
    priority: el("span", { class: "badge" }), title: el("strong"), text: el("span"), cause: el("small"), state: el("span"), by: el("small"),
    since: el("time"), comments: el("ul"),
  };
  const answers = asked.buttons(alarm);
  const node = el(
    "tr", { "data-alarm": keyOf(alarm) },
    el("td", {}, parts.priority), el("th", { scope: "row" }, pumpLink(alarm)), el("td", {}, parts.title, " ", parts.text, parts.cause),
    el("td", { class: "state" }, parts.state, parts.by), el("td", {}, parts.since), el("td", { class: "answer" }, el("div", {}, ...answers.nodes, parts.comments)),
  );
  return { node, answers, ...parts };
}

function update(parts, alarm) {
  const { level, sign, word } = priorityOf(alarm), state = stateOf(alarm.state), sinceS = seconds(alarm.since);
  mark(parts.node, "data-level", level);
  mark(parts.node, "data-state", alarm.state);
  say(parts.priority, `${sign} ${word}`);
  say(parts.title, alarm.title ?? alarm.id);
  say(parts.text, alarm.text);
  say(parts.cause, [alarm.cause && `cause: ${alarm.cause}`, alarm.likely && `likely: ${alarm.likely}`].filter(Boolean).join("; "));
  say(parts.state, `${state.mark} ${state.word}`);
  say(parts.by, alarm.state === "shelved" ? `until ${moment(seconds(alarm.shelved_until))}` : alarm.acknowledged_by ? `by ${alarm.acknowledged_by}` : "");
  say(parts.since, known(sinceS) ? `${moment(sinceS)}, ${duration(model.nowS() - sinceS)}` : "");
  if (known(sinceS)) mark(parts.since, "title", utc(sinceS));
  parts.answers.set(alarm);
  const said = (alarm.comments ?? []).map(({ text, by }) => `${text} (${by})`);
  const key = said.join("\n"); // not their number: of more than twenty the daemon tells the newest
  if (parts.comments.dataset.of === key) return;
  mark(parts.comments, "data-of", key);
  parts.comments.replaceChildren(...said.map((text) => el("li", {}, text)));
}

function priorityOf({ priority }) {
  const level = PRIORITIES[priority] ?? "none";
  return { level, sign: LEVELS[level]?.mark ?? "○", word: priority ?? "none" };
}

function pastRow(line) {
  const atS = seconds(line.at), { level, sign, word } = priorityOf(line);
  return el(
    "tr", { "data-level": level },
    el("td", {}, el("time", { datetime: line.at, title: utc(atS) }, moment(atS))), el("th", { scope: "row" }, pumpLink(line)),
    el("td", {}, `${line.event}${line.said ? `: ${line.said}` : ""}`), el("td", {}, line.by ?? "–"),
    el("td", {}, `${sign} ${word}: ${line.title ?? line.id}`, el("small", {}, line.text)),
  );
}

const pumpLink = ({ pump }) => el("a", { href: `/pump/${encodeURIComponent(pump)}` }, pump);

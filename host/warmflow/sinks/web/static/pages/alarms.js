// All alarms in one list: state, priority, cause, since; acknowledged, shelved and commented on here. What happened is apart.
// Nothing is taken as done before the daemon says so.

import { arrange, el, mark, say } from "../core/dom.js";
import { duration, known, moment, seconds, utc } from "../core/format.js";
import { model } from "../core/store.js";
import { ALARM_STATES, LEVELS, NO_ALARMS, NOT_LIVE } from "../core/texts.js";
import { deeds } from "./alarm_actions.js";
import { alarmHistory } from "./alarm_history.js";
import { RowOrder } from "./row_order.js";

const COLUMNS = ["Priority", "Pump", "What", "State", "Since", "Answer"];
const HOLLOW = ["returned unacknowledged", "latched"];

/** The page. */
export function alarmsPage(page, { signal }) {
  const rows = new Map();
  const body = el("tbody");
  const none = el("p", { class: "empty" }, NO_ALARMS);
  const wrong = el("p", { class: "wrong", role: "alert" });
  const done = el("p", { class: "done", role: "status", hidden: true });
  const toast = el("div", { class: "toast" }, wrong, done); // below all rows: what it says moves none of them
  const asked = deeds((words) => say(wrong, words), done);
  const open = listOf("Alarms now", COLUMNS, body);
  const past = alarmHistory(signal);
  page.append(el("div", { class: "page-head" }, el("h1", {}, "Alarms"), ...asked.name), none, open, past.node, toast);
  const order = new RowOrder(body, show, signal);

  function show() {
    const now = model.alarms.filter(({ state }) => stateOf(state).open);
    const held = focusIn(body);
    for (const alarm of now) {
      const key = keyOf(alarm);
      if (!rows.has(key)) rows.set(key, row(alarm, asked));
      update(rows.get(key), alarm);
    }
    const keys = now.map(keyOf);
    const shown = order.of(keys);
    for (const key of shown.filter((each) => !keys.includes(each))) gone(rows.get(key));
    arrange(
      body,
      shown.map((key) => rows.get(key).node),
    );
    none.hidden = shown.length > 0;
    open.hidden = !shown.length;
    if (held) keepFocus(held, body, page);
  }

  show();
  past.load();
  model.addEventListener(
    "alarms",
    () => {
      show();
      past.load();
    },
    { signal },
  );
  model.addEventListener("connection", show, { signal });
  const timer = setInterval(show, 1000);
  signal.addEventListener("abort", () => clearInterval(timer));
}

const keyOf = ({ pump, id }) => `${pump}/${id}`;

export const stateOf = (state) => ALARM_STATES[state] ?? { mark: "?", word: state, open: true };

/** A row whose alarm is over, kept where it is because a hand is near. */
function gone(parts) {
  mark(parts.node, "data-state", "normal");
  say(parts.state, `${ALARM_STATES.normal.mark} ${ALARM_STATES.normal.word}`);
  parts.answers.set({ state: "normal" });
}

function listOf(name, columns, body) {
  const head = el("tr", {}, ...columns.map((column) => el("th", { scope: "col" }, column)));
  return el("table", { class: "alarms", "aria-label": name }, el("thead", {}, head), body);
}

/** What has the focus in a list, and the place of its row. */
function focusIn(body) {
  const node = document.activeElement;
  const row = node.closest("tr");
  return body.contains(row) ? { node, row, at: [...body.children].indexOf(row) } : null;
}

/** A button that was pressed may be gone with what it did, or its row: the focus goes to what comes next, never to nowhere. */
function keepFocus({ node, row, at }, body, page) {
  if (document.activeElement === node && !node.hidden) return;
  const place = row.isConnected ? row : body.children[Math.min(at, body.children.length - 1)];
  const free = [...(place?.querySelectorAll("button, select, input, a") ?? [])].filter(({ hidden }) => !hidden);
  const after = free.find((each) => node.compareDocumentPosition(each) & Node.DOCUMENT_POSITION_FOLLOWING);
  (free.includes(node) ? node : (row.isConnected && after) || free[0] || page).focus();
}

function row(alarm, asked) {
  const parts = {
    priority: el("span", { class: "badge" }),
    title: el("strong"),
    text: el("span"),
    at: el("time"),
    cause: el("small"),
    state: el("span"),
    by: el("small"),
    since: el("time"),
    comments: el("ul"),
  };
  const answers = asked.buttons(alarm);
  const node = el(
    "tr",
    { "data-alarm": keyOf(alarm) },
    el("td", {}, parts.priority),
    el("th", { scope: "row" }, pumpLink(alarm)),
    el("td", {}, parts.title, " ", parts.text, " ", parts.at, parts.cause),
    el("td", { class: "state" }, parts.state, parts.by),
    el("td", {}, parts.since),
    el("td", { class: "answer" }, el("div", {}, ...answers.nodes, parts.comments)),
  );
  return { node, answers, ...parts };
}

function update(parts, alarm) {
  const { level, word, ...of } = priorityOf(alarm);
  const sign = HOLLOW.includes(alarm.state) ? of.sign.replaceAll("▲", "△") : of.sign;
  const state = stateOf(alarm.state);
  const sinceS = seconds(alarm.since);
  const atS = seconds(alarm.time);
  const stale = model.connection !== "open";
  mark(parts.node, "data-level", stale ? "stale" : level);
  mark(parts.node, "data-stale", stale);
  mark(parts.node, "data-state", alarm.state);
  mark(parts.node, "data-hollow", HOLLOW.includes(alarm.state));
  say(parts.priority, `${sign} ${word}`);
  say(parts.title, alarm.title ?? alarm.id);
  say(parts.text, alarm.text);
  say(parts.at, known(atS) ? `(at ${moment(atS)})` : ""); // its numbers are of then: the daemon writes it anew where it is another alarm
  if (known(atS)) mark(parts.at, "title", utc(atS));
  say(parts.cause, alarm.suppressed_because ?? "");
  say(parts.state, `${stale ? `${NOT_LIVE.mark} ${NOT_LIVE.word}: ` : ""}${state.mark} ${state.word}`);
  say(
    parts.by,
    alarm.state === "shelved"
      ? `until ${moment(seconds(alarm.shelved_until))}`
      : alarm.acknowledged_by
        ? `by ${alarm.acknowledged_by}`
        : "",
  );
  say(parts.since, known(sinceS) ? `${moment(sinceS)}${stale ? "" : `, ${duration(model.nowS() - sinceS)}`}` : "");
  if (known(sinceS)) mark(parts.since, "title", utc(sinceS));
  parts.answers.set(alarm);
  const said = (alarm.comments ?? []).map(({ text, by }) => `${text} (${by})`);
  const key = said.join("\n"); // not their number: of more than twenty the daemon tells the newest
  if (parts.comments.dataset.of === key) return;
  mark(parts.comments, "data-of", key);
  parts.comments.replaceChildren(...said.map((text) => el("li", {}, text)));
}

function priorityOf({ priority }) {
  return { level: priority ?? "none", sign: LEVELS[priority]?.mark ?? "○", word: priority ?? "none" };
}

const pumpLink = ({ pump }) => el("a", { href: `/pump/${encodeURIComponent(pump)}` }, pump);

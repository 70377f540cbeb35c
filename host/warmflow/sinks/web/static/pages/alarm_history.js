// What happened to alarms, and what people did: chosen by pump, time and kind, saved as a file; each line leads to its moment
// in the plots.

import { download, el, say } from "../core/dom.js";
import { iso, moment, seconds, utc } from "../core/format.js";
import { model } from "../core/store.js";
import { LEVELS } from "../core/texts.js";
import { ask } from "./alarm_actions.js";

const COLUMNS = ["When", "Pump", "What happened", "By", "Alarm"];
const LINES_MAX = 2000; // as many as the daemon gives at once
const ROWS_MAX = 300; // a list that is longer is saved, not read
const AROUND_S = 300;
const SPANS = [
  ["last day", 24],
  ["last 7 days", 168],
  ["last 30 days", 720],
  ["last year", 8784],
];
const KINDS = [
  ["everything", () => true],
  ["raised and cleared", ({ event }) => ["raised", "level rose", "level fell", "cleared"].includes(event)],
  ["what people did", ({ by }) => Boolean(by)],
  ["changes of limits", ({ id }) => id === "limits"],
];
const FILE_COLUMNS = ["at", "pump", "id", "event", "words", "by", "said", "level", "priority", "cause", "text"];

/** The section; `load()` asks anew. */
export function alarmHistory(signal) {
  const choice = (label, options) =>
    el(
      "select",
      { "aria-label": label, onchange: load },
      ...options.map(([words], at) => el("option", { value: at }, words)),
    );
  const span = choice("Time", SPANS);
  const kind = choice("What", KINDS);
  const pump = el("select", { "aria-label": "Pump", onchange: load }, el("option", { value: "" }, "all pumps"));
  const count = el("small", { role: "status" });
  const save = el("button", { type: "button", onclick: saveCsv }, "Save as CSV");
  const body = el("tbody");
  const head = el("tr", {}, ...COLUMNS.map((column) => el("th", { scope: "col" }, column)));
  const list = el("table", { class: "alarms", "aria-label": "What happened to alarms" }, el("thead", {}, head), body);
  const tools = el("div", { class: "filters", role: "group", "aria-label": "Filter" }, pump, span, kind, save, count);
  const node = el("section", { "aria-label": "History" }, el("h2", {}, "History"), tools, list);
  let lines = [];

  async function load() {
    offer();
    const fields = { hours: SPANS[span.value][1], limit: LINES_MAX, ...(pump.value && { pump: pump.value }) };
    const [good, said] = await ask("alarm_history", fields);
    if (signal.aborted) return;
    if (!good) return say(count, `not loaded: ${said}`);
    lines = said.history.filter(KINDS[kind.value][1]).toReversed();
    body.replaceChildren(...lines.slice(0, ROWS_MAX).map(row));
    list.hidden = !lines.length;
    save.disabled = !lines.length;
    const cut = said.history.length === LINES_MAX ? `; only the newest ${LINES_MAX} were looked at` : "";
    const more = lines.length > ROWS_MAX ? `, the newest ${ROWS_MAX} are shown` : "";
    say(count, lines.length ? `${lines.length} entries${more}${cut}` : `no entries${cut}`);
  }

  /** Pumps that can be chosen: those of the table, and those of alarms. */
  function offer() {
    const there = [...pump.options].map(({ value }) => value);
    const names = new Set([...model.pumps.keys(), ...model.alarms.map((alarm) => alarm.pump)]);
    for (const name of [...names].sort()) if (!there.includes(name)) pump.append(el("option", { value: name }, name));
  }

  function saveCsv() {
    const cell = (text) => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
    const rows = lines.map((line) => FILE_COLUMNS.map((name) => cell(String(line[name] ?? ""))).join(","));
    const text = `${["time_utc", ...FILE_COLUMNS.slice(1)].join(",")}\r\n${rows.join("\r\n")}\r\n`;
    download(`alarm-history_${iso(model.nowS()).slice(0, 19).replace(/[:-]/g, "")}.csv`, new Blob([text]));
  }

  return { node, load };
}

/** The address of a moment in a pump's plots. */
export function momentLink(pump, timeS) {
  const query = new URLSearchParams({ from: (timeS - AROUND_S).toFixed(1), to: (timeS + AROUND_S).toFixed(1) });
  return `/pump/${encodeURIComponent(pump)}?${query}`;
}

function row(line) {
  const atS = seconds(line.at);
  const sign = LEVELS[line.priority]?.mark ?? "○";
  const time = el("time", { datetime: line.at, title: utc(atS) }, moment(atS));
  const one = line.pump !== "all pumps";
  return el(
    "tr",
    { "data-level": line.priority ?? "none" },
    el("td", {}, one ? el("a", { href: momentLink(line.pump, atS) }, time) : time),
    el(
      "th",
      { scope: "row" },
      one ? el("a", { href: `/pump/${encodeURIComponent(line.pump)}` }, line.pump) : line.pump,
    ),
    el("td", {}, `${line.words ?? line.event}${line.said ? `: ${line.said}` : ""}`),
    el("td", {}, line.by ?? "–"),
    el(
      "td",
      {},
      line.id === "limits" ? "limits" : `${sign} ${line.priority ?? "none"}: ${line.title ?? line.id}`,
      el("small", {}, line.id === "limits" ? "" : line.text),
    ),
  );
}

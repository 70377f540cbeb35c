// All pumps, the worst first. Rows are kept and changed in place; a value that is not live is grey, hatched and says how
// old it is.

import { arrange, el, mark, say } from "../core/dom.js";
import { value } from "../core/format.js";
import {
  ageWords,
  badgeWords,
  boardWords,
  daysWords,
  linkWords,
  probeWords,
  remedyWords,
  rigWords,
  whyWords,
} from "../core/state_words.js";
import { model } from "../core/store.js";
import { EMPTY } from "../core/texts.js";
import { theme } from "../core/theme.js";
import { LEVEL_NAMES } from "../core/vocabulary.js";
import { fillSparks } from "../plots/history.js";
import { drawSpark } from "../plots/sparkline.js";
import { bar, setBar } from "./deviation_bar.js";

const NAMES = { course: "Last 5 minutes", probe: "Probe", reservoir: "Reservoir", link: "Link", age: "Seen" }; // on a card
const COLUMNS = ["State", "Pump", "Flow", "Deviation", "Last 5 minutes", "Probe", "Reservoir", "Link", "Seen"];

/** The page; `leave` takes its listeners away. */
export function overview(page, { signal }) {
  const rows = new Map();
  const filled = new Set();
  const body = el("tbody");
  const head = el(
    "tr",
    {},
    ...COLUMNS.map((name) =>
      el("th", { scope: "col", title: name === "Deviation" ? "from the reference rate" : null }, name),
    ),
  );
  const table = el("table", { class: "pumps", "aria-label": "All pumps, worst first" }, el("thead", {}, head), body);
  const empty = el("p", { class: "empty" }, EMPTY);
  const count = el("p", { class: "summary", id: "summary" });
  page.append(el("div", { class: "page-head" }, el("h1", {}, "Pumps"), count), empty, table);

  function show() {
    const names = model.worstFirst();
    for (const name of rows.keys()) if (!model.pumps.has(name)) rows.delete(name);
    for (const name of names) if (!rows.has(name)) rows.set(name, row(name));
    for (const name of names) update(rows.get(name), name);
    arrange(
      body,
      names.map((name) => rows.get(name).node),
    );
    empty.hidden = names.length > 0;
    table.hidden = !names.length;
    mark(table, "data-roomy", names.length <= 6);
    say(count, summary(names));
    fill(names.filter((name) => !filled.has(name)));
  }

  function fill(names) {
    for (const name of names) filled.add(name);
    if (names.length) fillSparks(names);
  }

  show();
  for (const what of ["table", "alarms", "connection"]) model.addEventListener(what, show, { signal });
  model.addEventListener("hole", () => fill([...model.pumps.keys()]), { signal });
  theme.addEventListener("change", show, { signal });
  const timer = setInterval(show, 1000); // ages go on where nothing comes
  signal.addEventListener("abort", () => clearInterval(timer));
}

function row(name) {
  const parts = {
    mark: el("span", { class: "mark", "aria-hidden": "true" }),
    word: el("span"),
    alarm: el("small", { class: "alarm" }),
    link: el("a", { href: address(name) }, name),
    rig: el("small", { class: "rig" }),
    flow: el("strong", { class: "number" }),
    flowDay: el("small"),
    bar: bar(),
    deviation: el("strong", { class: "number" }),
    cause: el("small", { class: "cause" }),
    spark: el("canvas", { class: "spark", role: "img" }),
    probe: el("span", { class: "number" }),
    probeWords: el("small"),
    reservoir: el("span", { class: "number" }),
    days: el("small"),
    state: el("span"),
    remedy: el("small"),
    age: el("time"),
  };
  const cell = (kind, ...children) => el("td", { class: kind, "data-name": NAMES[kind] }, ...children);
  const badge = el("span", { class: "badge" }, parts.mark, parts.word);
  const node = el(
    "tr",
    { "data-pump": name },
    cell("state", badge, parts.alarm),
    el("th", { scope: "row", class: "name" }, parts.link, parts.rig),
    cell("flow", parts.flow, parts.flowDay),
    cell("deviation", el("div", { class: "bar-line" }, parts.bar, parts.deviation), parts.cause),
    cell("course", parts.spark),
    cell("probe", parts.probe, parts.probeWords),
    cell("reservoir", parts.reservoir, parts.days),
    cell("link", parts.state, parts.remedy),
    cell("age", parts.age),
  );
  node.addEventListener("click", (event) => event.target.closest("a") || parts.link.click());
  return { node, ...parts };
}

function update(parts, name) {
  const judged = model.judged(name);
  const { last, link, live } = judged;
  const [sign, word] = badgeWords(judged);
  mark(parts.node, "data-level", live ? (last?.level ?? "none") : "stale");
  mark(parts.node, "data-stale", !live);
  mark(parts.bar, "title", judged.says.headline);
  say(parts.mark, sign);
  say(parts.word, word);
  say(parts.alarm, judged.says.alarm);
  say(parts.rig, rigWords(judged.rig));
  mark(parts.rig, "title", boardWords(judged.rig));
  mark(parts.alarm.parentElement, "data-level", live ? judged.worstName : "stale");
  say(parts.flow, value(last?.flow_ul_h, 1, "µL/h"));
  say(parts.flowDay, value(last?.flow_ml_day, 3, "mL/day"));
  setBar(parts.bar, last?.deviation_percent, last?.explained_by_probe_percent, judged.limits);
  say(parts.deviation, value(last?.deviation_percent, 1, "%", true));
  say(parts.cause, whyWords(judged));
  say(parts.probe, value(last?.probe_c, 2, "°C"));
  say(parts.probeWords, probeWords(last));
  say(parts.reservoir, value(last?.reservoir_ml, 2, "mL"));
  say(parts.days, daysWords(last));
  say(parts.state, linkWords(link));
  say(parts.remedy, remedyWords(link));
  mark(parts.state.parentElement, "data-broken", !judged.linked);
  say(parts.age, ageWords(judged));
  if (last?.time) {
    mark(parts.age, "datetime", last.time);
    mark(parts.age, "title", `${last.time.replace("T", " ").replace("Z", "")} UTC`);
  }
  mark(parts.spark, "aria-label", `flow of ${name} in the last 5 minutes, now ${value(last?.flow_ul_h, 1, "µL/h")}`);
  drawSpark(parts.spark, model.spark(name), model.nowS(), judged);
}

function summary(names) {
  const judged = names.map((name) => model.judged(name));
  const beyond = judged.filter(({ live, last }) => live && LEVEL_NAMES.indexOf(last?.level) > 0).length;
  const old = judged.filter(({ live }) => !live).length;
  const alarmed = judged.filter(({ alarms }) => alarms.length).length;
  return names.length
    ? [
        `${names.length} ${names.length === 1 ? "pump" : "pumps"}`,
        beyond ? `${beyond} beyond a limit` : "all within limits",
        alarmed && `${alarmed} with an alarm`,
        old && `${old} not live`,
      ]
        .filter(Boolean)
        .join(", ")
    : "";
}

export const address = (name) => `/pump/${encodeURIComponent(name)}`;

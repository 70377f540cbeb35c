// The page of one pump: figures, plots, why. It holds the view (which stretch, following or not, paused or not) and hands
// it to whoever draws or saves.

import { el, mark, say } from "../core/dom.js";
import { clock, known, seconds, stretch, utc } from "../core/format.js";
import { limitsOf } from "../core/limits.js";
import { model } from "../core/store.js";
import { gestures } from "../plots/gestures.js";
import { Plots } from "../plots/plot_stack.js";
import { Course } from "../plots/pump_series.js";
import { asQuery, between, following, fromQuery, isLive, moved, windowOf, zoomed } from "../plots/time_window.js";
import { toolbar } from "../plots/toolbar.js";
import { eventsLane } from "./events_lane.js";
import { explanation, sources } from "./explanation.js";
import { saveCsv, savePng } from "./export.js";
import { limitsPanel } from "./limits_panel.js";
import { notes } from "./notes.js";
import { pumpAlarms } from "./pump_alarms.js";
import { scenarioWords } from "./scenario_card.js";
import { statisticsPanel } from "./statistics_panel.js";
import { figures } from "./values.js";

const DRAW_MS = 250;

/** The page; `signal` ends it. */
export function pumpPage(page, { name, signal }) {
  let view = fromQuery(location.search);
  let paused = null;
  let ref = {};
  const course = new Course(name, () => soon());
  const nowS = () => paused?.atS ?? model.nowS();
  const range = () => windowOf(view, nowS());
  const rates = () => rated(ref, model.pumps.get(name));
  const plots = new Plots(asked, (fromS, toS) => look(between(fromS, toS, nowS())), signal);
  const tools = toolbar({ span: follow, act });
  const strip = figures(name);
  const why = explanation();
  const limits = limitsPanel(name);
  const sums = statisticsPanel();
  const about = (atS) => Math.max(5, Math.min(view.spanS / 2, 0.9 * (nowS() - atS))); // what is to come is not shown
  const events = eventsLane(name, (atS) => look(between(atS - about(atS), atS + about(atS), nowS())), signal);
  const note = notes(name, { at: () => plots.pointedS ?? range()[1], range, shown: showNotes }, signal);
  function showNotes(found) {
    plots.noted(found.map(({ time }) => seconds(time)));
    events.notes(found);
  }
  const waiting = pumpAlarms(name, signal);
  const banner = el("p", { class: "banner", role: "status", hidden: true });
  const scenario = el("p", { class: "scenario-state" });

  function asked() {
    ref = rates();
    const [fromS, toS] = range();
    course.need(view, nowS());
    return { frame: course.rows(view, nowS(), ref.nominalUlH), fromS, toS, figures: ref };
  }

  function look(next) {
    view = next;
    history.replaceState(null, "", location.pathname + queryWith(asQuery(view)));
    note.load();
    soon();
  }

  function follow(spanS) {
    plots.pointer.forget();
    course.hole([0]); // rows may have been lost while an older stretch was held
    look(following(spanS));
  }

  function pause() {
    paused = paused ? null : { atS: model.nowS(), received: course.received };
    soon();
  }

  let asking = 0;
  function soon() {
    if (asking) return;
    asking = requestAnimationFrame(() => {
      asking = 0;
      if (!signal.aborted && plots.stacked[0].plot) show();
    });
  }

  function show() {
    plots.show();
    const [fromS, toS] = range();
    const { frame } = course;
    const withinS = Math.max(1.5, (toS - fromS) / 150, frame.stepS * 1.5); // as the legends read a value
    sums.set({ frame, marks: plots.marks, shown: plots.shown, referenceUlH: ref.referenceUlH, withinS });
    events.gaps(frame, fromS, toS);
    events.show(fromS, toS, plots.area());
    status();
  }

  /** Paused: nothing is drawn, but what the view shows is kept at hand, however much comes meanwhile. */
  function wait() {
    course.need(view, nowS());
    status();
  }

  function status() {
    const judged = model.judged(name);
    const [fromS, toS] = range();
    if (!paused) {
      strip.set(judged);
      why.set(judged);
      limits.set(judged);
      say(scenario, scenarioWords(name));
    }
    const waits = paused ? course.received - paused.received : 0;
    banner.hidden = !paused;
    if (paused)
      say(
        banner,
        `Paused at ${clock(paused.atS)}: nothing here is live. ${waits} reading${waits === 1 ? " waits" : "s wait"}.`,
      );
    mark(page, "data-paused", Boolean(paused));
    tools.set({
      view,
      live: isLive(view),
      paused: Boolean(paused),
      fromS,
      toS,
      failed: course.failed,
      marks: markWords(),
    });
  }

  function markWords() {
    const { A, B } = plots.marks;
    const words = [A, B].map((timeS, at) => known(timeS) && `${"AB"[at]} ${clock(timeS)}`).filter(Boolean);
    if (known(A) && known(B)) words.push(`B − A ${stretch(B - A)}`);
    const { pointedS } = plots;
    if (pointedS !== null)
      words.unshift(
        `${plots.pointer.timeS === null ? "cursor was at" : "cursor"} ${clock(pointedS)} (${utc(pointedS).slice(11)})`,
      );
    return words.join(" · ");
  }

  function act(what, value) {
    const doing = {
      live: () => {
        paused = null;
        follow(view.spanS);
      },
      pause,
      zoom: () => look(zoomed(view, nowS(), value)),
      move: () => look(moved(view, nowS(), value * view.spanS)),
      mark: () => plots.setMark(value),
      unmark: () => plots.unmark(),
      note: () => note.ask(),
      csv: () =>
        saveCsv(name, course, ...range(), plots.shown, rates().nominalUlH).then(
          (rows) => tools.told(`${rows} rows saved`),
          tools.told,
        ),
      png: () => savePng(name, plots, ...range()).then(() => tools.told("picture saved"), tools.told),
    };
    doing[what]();
    if (what.endsWith("mark")) status();
  }

  page.append(
    strip.node,
    banner,
    scenario,
    tools.node,
    el(
      "div",
      { class: "split" },
      el("div", { class: "course" }, events.node, plots.node, sums.node),
      el("aside", { class: "side" }, waiting, why.node, limits.node, note.node, sources()),
    ),
  );
  plots.changedCursor = soon;
  plots.make();
  gestures(
    plots.node,
    () => plots.area(),
    {
      zoom: (factor, share) =>
        look(zoomed(view, nowS(), factor, share === undefined ? null : range()[0] + share * view.spanS)),
      move: (share) => look(moved(view, nowS(), share * view.spanS)),
      cursor: (px) => plots.moveCursor(px),
      pause,
      mark: (which) => act("mark", which),
      unmark: () => act("unmark"),
      note: () => act("note"),
      live: () => act("live"),
    },
    signal,
  );
  model.wire.watch(name);
  note.load();
  events.load();
  model.addEventListener("alarms", events.load, { signal });
  model.addEventListener("me", note.load, { signal });
  model.addEventListener("blocks", ({ detail }) => course.take(detail), { signal });
  model.addEventListener("hole", () => course.hole(), { signal });
  const timer = setInterval(() => (paused ? wait() : soon()), DRAW_MS);
  signal.addEventListener("abort", () => {
    clearInterval(timer);
    model.wire.watch(null);
  });
}

/** Rates that lines are drawn at; the last ones that were known. The label's follows from the two deviations. */
function rated(before, pump) {
  const last = pump?.last;
  const referenceUlH = known(last?.reference_flow_ul_h) ? last.reference_flow_ul_h : before.referenceUlH;
  const flow = 1 + last?.deviation_percent / 100;
  const label = 1 + last?.deviation_from_label_percent / 100;
  const labelUlH = last?.label_flow_ul_h ?? (label > 0.2 ? (referenceUlH * flow) / label : before.labelUlH);
  return { referenceUlH, labelUlH, nominalUlH: referenceUlH * (last?.speed_x || 1), limits: limitsOf(pump) };
}

/** The view, and what else the address asked for (kiosk). */
function queryWith(query) {
  const kiosk = new URLSearchParams(location.search).get("kiosk");
  return kiosk ? `${query}&kiosk=${kiosk}` : query;
}

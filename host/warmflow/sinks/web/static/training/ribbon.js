// The fortnight ribbon: fourteen days to scale, the rate as height, so that the area is the dose. What an exposure adds
// stands on it: a bath is a hair, two days of fever a thumb. It begins with the lesson's own time and widens to the
// fortnight without a cut.

import { el, mark, say as write } from "../core/dom.js";
import { node } from "./drawing/nodes.js";
import { brief } from "./format.js";
import { say } from "./texts.js";

const DAY_S = 86400;
export const FORTNIGHT_S = 14 * DAY_S;
const [WIDE, HIGH, BASE] = [1400, 100, 50]; // BASE: the height of the reference rate
const ZOOM_S = 2.5;

/** `set({points: [[s, percent]], spanS, dosePercent})`: seconds from the beginning; `spanS` is what the ribbon shows. */
export function ribbon() {
  const usual = node("rect", { class: "usual", x: 0, y: HIGH - BASE, width: WIDE, height: BASE });
  const added = node("path", { class: "added" });
  const days = Array.from({ length: 29 }, () => node("line", { class: "day", y1: HIGH - BASE, y2: HIGH }));
  const picture = node(
    "svg",
    { viewBox: `0 0 ${WIDE} ${HIGH}`, preserveAspectRatio: "none", role: "img" },
    usual,
    ...days,
    added,
  );
  const words = el("p", { class: "legend" });
  const frame = el("figure", { class: "ribbon" }, words, picture);
  const less = matchMedia("(prefers-reduced-motion: reduce)");
  let shown = { points: [], spanS: FORTNIGHT_S, dosePercent: 0 };
  let spanS = null;
  let zoom = null;

  function draw() {
    const x = (s) => Math.round(((s * WIDE) / spanS) * 100) / 100;
    const y = (percent) => Math.round((HIGH - BASE * (1 + Math.max(-100, percent) / 100)) * 100) / 100;
    const { points } = shown;
    const top = points.map(([s, percent]) => `L ${x(s)} ${y(percent)}`).join(" ");
    mark(
      added,
      "d",
      points.length ? `M ${x(points[0][0])} ${HIGH - BASE} ${top} L ${x(points.at(-1)[0])} ${HIGH - BASE} Z` : "",
    );
    days.forEach((line, at) => {
      mark(line, "x1", x(at * DAY_S));
      mark(line, "x2", x(at * DAY_S));
    });
    mark(frame, "data-span", Math.round(spanS));
  }
  function widen(fromS, beganMs) {
    const step = (nowMs) => {
      const share = Math.min(1, (nowMs - beganMs) / 1000 / ZOOM_S);
      spanS = fromS * (shown.spanS / fromS) ** (share * share * (3 - 2 * share)); // as even in hours as in days
      draw();
      zoom = share < 1 && frame.isConnected ? requestAnimationFrame(step) : null;
    };
    zoom = requestAnimationFrame(step);
  }
  function set(given) {
    const wider = spanS !== null && given.spanS !== shown.spanS && !less.matches;
    shown = given;
    const said = say("train.ribbon", { dose: brief(given.dosePercent, true) });
    write(words, said);
    mark(picture, "aria-label", said);
    if (wider && zoom === null) return widen(spanS, performance.now());
    if (zoom === null) spanS = given.spanS;
    draw();
  }
  return { node: frame, set };
}

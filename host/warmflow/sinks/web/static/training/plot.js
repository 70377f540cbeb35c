// A plot on a lesson's time axis, minutes from its first event: thin lines, shaded exposures, marks of the steps. It is
// told what to show, and draws no more often than a person can see.

import { el, mark } from "../core/dom.js";
import { colour, theme } from "../core/theme.js";
import uPlot from "../vendor/uplot/uPlot.esm.js";
import { axisText, digitsOf, signed } from "./format.js";

const FONT_PX = 13;
const REDRAW_MS = 220;
const STEPS_MIN = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440, 2880, 5760, 10080, 20160];
const AIR = 0.08;

/** `lines`: [{scale, colour, fill, dash}], `scales`: {name: {unit, least, zero, side, colour, sign}}; `words` name the picture. */
export class LessonPlot {
  #shown = { data: null, fromMin: 0, toMin: 1, spans: [], marks: [] };
  #drawnMs = -Infinity;

  constructor({ lines, scales, words, times = true, signal }) {
    Object.assign(this, { lines, scales, times });
    this.node = el("div", { class: "lesson-plot", role: "img", "aria-label": words });
    const sized = new ResizeObserver(() => this.#size());
    sized.observe(this.node);
    theme.addEventListener("change", () => this.#make(), { signal });
    signal?.addEventListener("abort", () => {
      sized.disconnect();
      clearTimeout(this.timer);
      this.plot?.destroy();
      this.plot = null;
    });
  }

  /** `data`: [minutes, ...columns]; `spans`: [[from, to]] shaded; `marks`: [{atMin, text, strong}]. */
  show(shown, words) {
    this.#shown = { ...this.#shown, ...shown };
    if (words) mark(this.node, "aria-label", words);
    const wait = this.#drawnMs + REDRAW_MS - performance.now();
    if (wait <= 0) this.#draw();
    else this.timer ??= setTimeout(() => this.#draw(), wait);
  }

  #draw() {
    clearTimeout(this.timer);
    this.timer = null;
    if (!this.#shown.data || !this.node.isConnected) return;
    if (!this.plot) this.#make();
    this.#drawnMs = performance.now();
    const { data, fromMin, toMin } = this.#shown;
    this.plot.batch(() => {
      this.plot.setData(data, false);
      this.plot.setScale("x", { min: fromMin, max: toMin });
      for (const [name, scale] of Object.entries(this.scales))
        this.plot.setScale(name, this.#height(name, scale, data));
    });
    mark(this.node, "data-drawn", data[0].length);
  }

  #height(name, { least, zero }, data) {
    let low = zero ? 0 : Infinity;
    let high = zero ? 0 : -Infinity;
    this.lines.forEach(({ scale }, at) => {
      for (const each of scale === name ? data[at + 1] : []) {
        if (each === null) continue;
        if (each < low) low = each;
        if (each > high) high = each;
      }
    });
    if (low > high) [low, high] = [0, least];
    const air = Math.max((high - low) * AIR, (least - (high - low)) / 2, 0);
    return { min: low - (zero && low === 0 ? Math.min(air, least * 0.1) : air), max: high + air * 1.6 };
  }

  #make() {
    this.plot?.destroy();
    const px = Math.max(12, Math.round(parseFloat(getComputedStyle(this.node).fontSize) || FONT_PX));
    const font = `${px}px system-ui, sans-serif`;
    const quiet = {
      grid: { stroke: colour("grid"), width: 1 },
      ticks: { stroke: colour("grid"), width: 1, size: 4 },
      font,
    };
    const axes = Object.entries(this.scales).map(([scale, { side, colour: own, sign }], at) => ({
      ...quiet,
      scale,
      side,
      stroke: colour(own ?? "dim"),
      size: px * 3.7,
      gap: 4,
      space: px * 1.9,
      grid: at ? { show: false } : quiet.grid,
      values: (_u, splits, _axis, _space, step) => splits.map((each) => signed(each, digitsOf(step), sign)),
    }));
    const minutes = (_u, splits, _axis, _space, step) => splits.map((each) => (this.times ? axisText(each, step) : ""));
    this.plot = new uPlot(
      {
        ...this.#room(),
        pxAlign: 1,
        padding: [
          this.#shown.marks.length ? px * 1.5 : 6,
          Object.keys(this.scales).length > 1 ? 0 : px * 2,
          this.times ? 0 : 6,
          0,
        ],
        legend: { show: false },
        series: [{}, ...this.lines.map((line) => lineOf(line))],
        scales: {
          x: { time: false, auto: false },
          ...Object.fromEntries(Object.keys(this.scales).map((name) => [name, { auto: false }])),
        },
        axes: [
          {
            ...quiet,
            stroke: colour("dim"),
            size: this.times ? px * 1.9 : 0,
            gap: 3,
            space: px * 5,
            incrs: STEPS_MIN,
            values: minutes,
          },
          ...axes,
        ],
        cursor: { show: false },
        hooks: {
          drawClear: [(u) => shade(u, this.#shown.spans)],
          draw: [(u) => zeroLine(u, this.scales), (u) => drawMarks(u, this.#shown.marks, px)],
        },
      },
      this.#shown.data ?? [[], ...this.lines.map(() => [])],
      this.node,
    );
    if (this.#shown.data) this.#draw();
  }

  #room() {
    return { width: Math.max(120, this.node.clientWidth), height: Math.max(60, this.node.clientHeight) };
  }

  #size() {
    if (this.plot) this.plot.setSize(this.#room());
    else this.#draw();
  }
}

function lineOf({ scale, colour: name, fill, dash, width = 1 }) {
  return {
    scale,
    stroke: colour(name),
    width,
    dash,
    fill: fill ? `${colour(name)}30` : undefined,
    fillTo: 0,
    points: { show: false },
    spanGaps: false,
  };
}

function shade(u, spans) {
  const { ctx, bbox } = u;
  ctx.save();
  ctx.fillStyle = colour("exposure");
  for (const [from, to] of spans) {
    const left = Math.max(bbox.left, u.valToPos(from, "x", true));
    const right = Math.min(bbox.left + bbox.width, u.valToPos(to, "x", true));
    if (right > left) ctx.fillRect(left, bbox.top, Math.max(2, right - left), bbox.height);
  }
  ctx.restore();
}

function zeroLine(u, scales) {
  const { ctx, bbox } = u;
  const name = Object.keys(scales).find((each) => scales[each].zero);
  if (!name || !u.data[0].length) return;
  const y = Math.round(u.valToPos(0, name, true)) + 0.5;
  ctx.save();
  ctx.strokeStyle = colour("faint");
  ctx.setLineDash([4, 4]);
  ctx.beginPath();
  ctx.moveTo(bbox.left, y);
  ctx.lineTo(bbox.left + bbox.width, y);
  ctx.stroke();
  ctx.restore();
}

function drawMarks(u, marks, px) {
  const { ctx, bbox } = u;
  const dpr = devicePixelRatio || 1;
  ctx.save();
  ctx.font = `600 ${px * dpr}px system-ui, sans-serif`;
  ctx.textBaseline = "bottom";
  let free = -Infinity; // marks that would stand on one another are lines only
  for (const { atMin, text, strong } of marks) {
    const x = Math.round(u.valToPos(atMin, "x", true)) + 0.5;
    if (x < bbox.left - 1 || x > bbox.left + bbox.width + 1) continue;
    ctx.strokeStyle = ctx.fillStyle = colour(strong ? "text" : "dim");
    ctx.setLineDash(strong ? [] : [2, 4]);
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    const width = ctx.measureText(text).width;
    if (x - width / 2 < free) continue;
    free = x + width / 2 + 4 * dpr;
    ctx.textAlign = "center";
    ctx.fillText(text, x, bbox.top - 2 * dpr);
  }
  ctx.restore();
}

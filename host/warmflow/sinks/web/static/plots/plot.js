// One uPlot: thin lines (measured: wider ones cost several times the processor), gaps where nothing was measured, axes in
// local time. It is told what to show and keeps nothing.

import { tick, value } from "../core/format.js";
import { PLOTS } from "../core/texts.js";
import { colour } from "../core/theme.js";
import uPlot from "../vendor/uplot/uPlot.esm.js";
import { drawLimits, writeLimits } from "./limit_bands.js";
import { EDGES, ofPlot } from "./series.js";

const HOLE_S = 2.5;
const TEXT_REM = 0.8;
const TEXT_LEAST_PX = 12;
const LEAST = { flow: 2, temp: 1, pressure: 4, delivered: 0.05 }; // the smallest height of a plot, in its unit

/** How large the plots write: as the page does, so that a wall reads both. A canvas knows no rem. */
export const textPx = () =>
  Math.max(
    TEXT_LEAST_PX,
    Math.round(TEXT_REM * Number.parseFloat(getComputedStyle(document.documentElement).fontSize)),
  );

/** A plot of `kind` in `host`; `events` has `hover(timeS | null)` and `chose(fromS, toS)`. */
export function makePlot(host, kind, events, withTimes) {
  const lines = ofPlot(kind);
  const columns = lines.map(({ key }) => key);
  const bands = [];
  const series = [{}];
  const px = textPx();
  for (const each of lines) series.push(lineOf(each, colour(each.colour)));
  for (const each of lines.filter(({ key }) => key in EDGES)) {
    for (const edge of EDGES[each.key]) {
      columns.push(edge);
      series.push(lineOf({ dash: [] }, "transparent"));
    }
    bands.push({ series: [series.length - 1, series.length - 2], fill: `${colour(each.colour)}40` });
  }
  const axis = {
    stroke: colour("dim"),
    font: `${px}px system-ui, sans-serif`,
    grid: { stroke: colour("grid"), width: 1 },
    ticks: { stroke: colour("grid"), width: 1, size: 4 },
  };
  const plot = new uPlot(
    {
      width: Math.max(100, host.clientWidth),
      height: Math.max(60, host.clientHeight),
      pxAlign: 1,
      padding: [8, Math.round(4.8 * px), withTimes ? 0 : 8, 0], // at the right, the words of the limits
      legend: { show: false },
      series,
      bands,
      scales: { x: { time: true, auto: false }, y: { auto: false } },
      axes: [
        {
          ...axis,
          size: withTimes ? 2 * px : 0,
          gap: 2,
          space: Math.round(6.7 * px),
          values: (_u, splits, _at, _space, step) => splits.map((timeS) => (withTimes ? tick(timeS, step) : "")),
        },
        {
          ...axis,
          size: Math.round(4.8 * px),
          gap: 4,
          space: Math.round(2.2 * px),
          values: (_u, splits, _at, _space, step) => splits.map((each) => value(each, digitsOf(step))),
        },
      ],
      cursor: {
        sync: { key: "pump" },
        y: false,
        points: { size: 6 },
        drag: { x: true, y: false, setScale: false },
        bind: {
          mousedown: (_u, _target, take) => (event) => (event.shiftKey ? null : take(event)),
          dblclick: () => () => null,
        },
      },
      hooks: {
        drawClear: [(u) => kind === "flow" && drawLimits(u, host.figures ?? {})],
        draw: [
          (u) => kind === "flow" && writeLimits(u, host.figures ?? {}, px),
          (u) =>
            drawMarks(u, px, [
              ...Object.entries(host.marks ?? {}),
              ...(host.notes ?? []).map((timeS, at) => [`✎${at + 1}`, timeS]),
            ]),
        ],
        setCursor: [(u) => events.hover(u.cursor.left >= 0 ? u.posToVal(u.cursor.left, "x") : null)],
        setSelect: [(u) => choose(u, events)],
      },
    },
    [[], ...columns.map(() => [])],
    host,
  );
  return { plot, columns, kind };
}

function lineOf({ dash }, stroke) {
  return { stroke, width: 1, dash, points: { show: false }, gaps };
}

function choose(u, events) {
  const { left, width } = u.select;
  if (width < 4) return;
  u.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
  events.chose(u.posToVal(left, "x"), u.posToVal(left + width, "x"));
}

/** Shows a frame between two moments; `shown` are the keys of the lines that are wanted. */
export function draw({ plot, columns, kind }, frame, fromS, toS, shown, around = []) {
  const edges = Object.entries(EDGES).flatMap(([key, pair]) => (shown.has(key) ? pair : []));
  const visible = columns.map((name) => shown.has(name) || edges.includes(name));
  const data = [frame.column("time_s"), ...columns.map((name) => frame.column(name))];
  plot.stepS = frame.stepS;
  plot.batch(() => {
    visible.forEach((show, at) => {
      if (plot.series[at + 1].show !== show) plot.setSeries(at + 1, { show });
    });
    plot.setData(data, false);
    plot.setScale("x", { min: fromS, max: toS });
    const [min, max] = heights(
      data.filter((_, at) => at > 0 && visible[at - 1]),
      data[0],
      fromS,
      toS,
      around,
      LEAST[kind],
    );
    plot.setScale("y", { min, max });
  });
}

/** Lowest and highest value on show, with some air; `around` is in sight, too. */
function heights(columns, times, fromS, toS, around, least) {
  let low = Math.min(...around, Infinity);
  let high = Math.max(...around, -Infinity);
  for (const column of columns)
    for (let row = 0; row < column.length; row += 1) {
      if (times[row] < fromS || times[row] > toS) continue;
      if (column[row] < low) low = column[row];
      if (column[row] > high) high = column[row];
    }
  if (low > high) return [0, least];
  const air = Math.max((high - low) * 0.06, (least - (high - low)) / 2);
  return [low - air, high + air];
}

/** Where the line is not drawn, in pixels of the canvas: a hole in time, or values that are not known. */
function gaps(u, line, first, last) {
  const times = u.data[0];
  const values = u.data[line];
  const found = [];
  const longestS = Math.max(HOLE_S, 2.5 * (u.stepS ?? 0));
  const pixel = (row) => Math.round(u.valToPos(times[row], "x", true));
  let known = -1;
  for (let row = first; row <= last; row += 1) {
    if (Number.isNaN(values[row])) continue;
    if (
      known < 0 ? row > first : times[row] - times[known] > longestS || (row - known > 1 && missing(values, known, row))
    )
      found.push([pixel(known < 0 ? first : known), pixel(row)]);
    known = row;
  }
  if (known < last) found.push([pixel(known < 0 ? first : known), pixel(last)]);
  return found;
}

const missing = (values, from, to) => to - from > 1 && Number.isNaN(values[from + 1]);

function drawMarks(u, px, marks) {
  const { ctx, bbox } = u;
  const dpr = devicePixelRatio || 1;
  for (const [name, timeS] of marks) {
    const x = Math.round(u.valToPos(timeS, "x", true)) + 0.5;
    if (timeS === null || x < bbox.left || x > bbox.left + bbox.width) continue;
    ctx.save();
    ctx.strokeStyle = ctx.fillStyle = colour("text");
    ctx.lineWidth = dpr;
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    ctx.font = `bold ${px * dpr}px system-ui, sans-serif`;
    ctx.textAlign = "left";
    ctx.textBaseline = "top";
    ctx.fillText(name, x + 3 * dpr, bbox.top + dpr);
    ctx.restore();
  }
}

/** As many digits as tell the ticks of an axis apart without rounding. */
const digitsOf = (step) =>
  [0, 1, 2, 3].find((digits) => Math.abs(step * 10 ** digits - Math.round(step * 10 ** digits)) < 1e-6) ?? 4;

export const titleOf = (kind) => `${PLOTS[kind].title}, ${PLOTS[kind].unit}`;

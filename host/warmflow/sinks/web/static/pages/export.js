// What a person takes along: the visible stretch as CSV, and the view as a picture with its title and UTC times.

import { download, el } from "../core/dom.js";
import { iso, known, seconds, utc } from "../core/format.js";
import { MODELLED, PLOTS } from "../core/texts.js";
import { colour } from "../core/theme.js";
import { NOTICE } from "../core/vocabulary.js";
import { readings } from "../plots/history.js";
import { Frame } from "../plots/plot_frame.js";
import { ofPlot, SERIES } from "../plots/series.js";
import { annotations } from "./notes.js";

const ROWS_MAX = 20000; // as the daemon allows

/** The rows between two moments with the lines that are shown, as the journal has them; what is modelled only if it came
 * live. A note stands in the row that follows its moment, or in the last one. */
export async function saveCsv(pump, course, fromS, toS, shown, nominalUlH) {
  const block = await readings(pump, fromS, toS, ROWS_MAX);
  const frame = new Frame(ROWS_MAX + 1);
  frame.add(block.columns, block.kind, 0, block.n, block.span_s ?? 0, toS);
  frame.stepS = block.span_s ?? 0;
  frame.hold(course.truth);
  frame.reckon(fromS, nominalUlH);
  const lines = SERIES.filter(({ key }) => shown.has(key));
  const notes = await annotations(pump, fromS, toS).catch(() => []);
  const noted = notes.length > 0;
  const rows = [["time_utc", ...lines.map(({ csv }) => csv), ...(noted ? ["note"] : [])].join(",")];
  const times = frame.column("time_s");
  const columns = lines.map(({ key }) => frame.column(key));
  for (let row = 0; row < frame.n; row += 1) {
    if (times[row] < fromS || times[row] > toS) continue;
    const last = row + 1 === frame.n || times[row + 1] > toS;
    const note = noted ? [quoted(taken(notes, last ? Infinity : times[row]))] : [];
    rows.push(
      [
        iso(times[row]),
        ...columns.map((column) => (known(column[row]) ? Number(column[row].toPrecision(10)) : "")),
        ...note,
      ].join(","),
    );
  }
  download(`${fileName(pump, fromS, toS)}.csv`, new Blob([`${rows.join("\r\n")}\r\n`], { type: "text/csv" }));
  return rows.length - 1;
}

/** Takes the notes up to a moment out of the list, as words. */
function taken(notes, timeS) {
  const words = [];
  while (notes.length && seconds(notes[0].time) <= timeS) words.push(notes.shift());
  return words.map(({ text, by }) => `${text} (${by})`).join("; ");
}

/** A cell that no spreadsheet takes for a formula. */
const quoted = (words) => (words ? `"${words.replaceAll('"', '""').replace(/^[=+\-@]/, "'$&")}"` : "");

/** The plots under one another, with a head and a foot. */
export async function savePng(pump, plots, fromS, toS) {
  const dpr = devicePixelRatio || 1;
  const parts = plots.stacked.map(({ kind, plot }) => ({ kind, canvas: plot.plot.ctx.canvas }));
  const head = 58 * dpr;
  const title = 24 * dpr;
  const foot = 26 * dpr;
  const width = Math.max(...parts.map(({ canvas }) => canvas.width));
  const height = head + foot + parts.reduce((sum, { canvas }) => sum + canvas.height + title, 0);
  const sheet = el("canvas", { width, height });
  const draw = sheet.getContext("2d");
  const write = (words, x, y, size, name, bold = "") => {
    draw.font = `${bold} ${size * dpr}px system-ui, sans-serif`;
    draw.fillStyle = colour(name);
    draw.fillText(words, x, y);
  };
  draw.fillStyle = colour("ground");
  draw.fillRect(0, 0, width, height);
  write(`warmflow: ${pump}`, 12 * dpr, 26 * dpr, 18, "text", "bold");
  write(`${utc(fromS)}  to  ${utc(toS)}`, 12 * dpr, 46 * dpr, 12, "dim");
  let y = head;
  for (const { kind, canvas } of parts) {
    captions(write, draw, kind, plots.shown, y + 17 * dpr, dpr);
    draw.drawImage(canvas, 0, y + title);
    y += canvas.height + title;
  }
  write(NOTICE, 12 * dpr, height - 9 * dpr, 11, "dim");
  const blob = await new Promise((resolve) => sheet.toBlob(resolve, "image/png"));
  download(`${fileName(pump, fromS, toS)}.png`, blob);
}

/** Title of a plot and its lines, each with a sample of how it is drawn. */
function captions(write, draw, kind, shown, y, dpr) {
  const { title, unit } = PLOTS[kind];
  write(`${title}, ${unit}`, 12 * dpr, y, 13, "text", "bold");
  let x = 30 * dpr + draw.measureText(`${title}, ${unit}`).width;
  for (const line of ofPlot(kind).filter(({ key }) => shown.has(key))) {
    draw.strokeStyle = colour(line.colour);
    draw.lineWidth = 2 * dpr;
    draw.setLineDash(line.dash.map((each) => each * dpr));
    draw.beginPath();
    draw.moveTo(x, y - 4 * dpr);
    draw.lineTo(x + 26 * dpr, y - 4 * dpr);
    draw.stroke();
    draw.setLineDash([]);
    const words = line.kind === MODELLED ? `${line.label} (modelled)` : line.label;
    write(words, x + 32 * dpr, y, 12, "dim");
    x += 50 * dpr + draw.measureText(words).width;
  }
}

const fileName = (pump, fromS, toS) =>
  `${pump.replace(/[^\w.-]+/g, "_")}_${[fromS, toS].map((timeS) => iso(timeS).slice(0, 19).replace(/[:-]/g, "")).join("_")}`;

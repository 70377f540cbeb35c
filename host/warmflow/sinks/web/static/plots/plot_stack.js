// The four plots of a pump under one another: one time axis, one cursor, two marks. It draws at most four times a second
// by itself (faster costs a page's processor and shows a person nothing more), and at once for whoever moves something.

import { el, mark } from "../core/dom.js";
import { known, value } from "../core/format.js";
import { PLOTS } from "../core/texts.js";
import { onPaper, theme } from "../core/theme.js";
import { legend, setLegend } from "./legend.js";
import { draw, makePlot, textPx, titleOf } from "./plot.js";
import { Pointer } from "./pointer.js";
import { ofPlot, SERIES } from "./series.js";

const KINDS = Object.keys(PLOTS);
const SHARES = { flow: 1.7, temp: 1.2, pressure: 1, delivered: 1 };
const HIDDEN_AT_FIRST = ["true_flow", "delivered", "nominal"];
const LABEL_MS = 5000;
const PAPER = { width: 700, room: 350 }; // of A4 across: all that is on the page has to be on one sheet

export class Plots {
  marks = { A: null, B: null };
  pointer = new Pointer();
  notes = [];
  shown = new Set(SERIES.map(({ key }) => key).filter((key) => !HIDDEN_AT_FIRST.includes(key)));
  #rangeS = [NaN, NaN];
  #labelledMs = -Infinity;

  /** `asks()` gives {frame, fromS, toS, figures}; `chose(fromS, toS)` is called for a stretch that was drawn with the mouse. */
  constructor(asks, chose, signal) {
    this.asks = asks;
    this.chose = chose;
    this.node = el("div", {
      class: "plots",
      tabindex: 0,
      role: "group",
      "aria-label":
        "Plots. Arrow keys move in time, plus and minus zoom, space pauses, A and B set marks, N writes a note.",
    });
    this.stacked = KINDS.map((kind) => this.#part(kind));
    this.node.append(...this.stacked.map(({ node }) => node));
    const sized = new ResizeObserver(() => this.#size());
    sized.observe(this.node);
    sized.observe(document.getElementById("connection")); // its coming and going moves the plots
    theme.addEventListener("change", () => this.make(), { signal });
    theme.addEventListener("paper", () => this.#size(), { signal });
    signal.addEventListener("abort", () => {
      sized.disconnect();
      this.#drop();
    });
  }

  /** Makes the plots anew: at first, and with other colours. To be called once the node is on the page. */
  make() {
    this.#drop();
    this.textPx = textPx();
    const events = {
      hover: (timeS) => this.#hovered(timeS),
      chose: (fromS, toS) => this.chose(fromS, toS),
    };
    this.stacked.forEach((part, at) => {
      Object.assign(part.host, { marks: this.marks, notes: this.notes });
      part.plot = makePlot(part.host, part.kind, events, at === KINDS.length - 1);
      part.host.plot = part.plot.plot;
    });
    this.show();
  }

  /** Draws what there is now. */
  show() {
    const { frame, fromS, toS, figures } = this.asks();
    const around = known(figures.referenceUlH) ? [figures.referenceUlH * 0.84, figures.referenceUlH * 1.16] : [];
    for (const part of this.stacked.filter(({ plot }) => plot)) {
      part.host.figures = figures;
      draw(part.plot, frame, fromS, toS, this.shown, part.kind === "flow" ? around : []);
    }
    this.read(frame, fromS, toS);
    this.#rangeS = [fromS, toS];
    this.node.dataset.range = `${fromS} ${toS}`;
    if (!frame.n || this.node.dataset.drawn) return;
    this.node.dataset.drawn = "yes";
    performance.mark("first plot");
  }

  /** Writes the values at the cursor, or the newest. */
  read(frame, fromS, toS) {
    const lastS = frame.n ? Math.min(frame.column("time_s")[frame.n - 1], toS) : NaN;
    const atS = this.pointer.timeS ?? lastS;
    const withinS = Math.max(1.5, ((toS - fromS) / 300) * 2, frame.stepS * 1.5);
    for (const part of this.stacked) setLegend(part.legend, frame, atS, withinS, this.marks);
    if (performance.now() - this.#labelledMs < LABEL_MS) return;
    this.#labelledMs = performance.now();
    for (const { host, kind } of this.stacked) {
      const main = ofPlot(kind)[0];
      const { unit, digits } = PLOTS[kind];
      mark(
        host,
        "aria-label",
        `${titleOf(kind)}: ${main.label} ${value(frame.valueAt(main.key, lastS, withinS), digits, unit)}`,
      );
    }
  }

  /** Where pixels are counted: the drawing area of the first plot. */
  area() {
    return this.stacked[0].plot.plot.over;
  }

  /** Moves the cursor by pixels, from the middle at first. */
  moveCursor(byPx) {
    const width = this.area().clientWidth;
    const { left } = this.stacked[0].plot.plot.cursor;
    const at = Math.min(width, Math.max(0, (left >= 0 ? left : width / 2) + byPx));
    for (const { plot } of this.stacked) plot.plot.setCursor({ left: at, top: 10 }, true);
  }

  /** The moment on show that somebody points at, or did last; null for none. */
  get pointedS() {
    return this.pointer.within(this.#rangeS);
  }

  setMark(name) {
    const { frame, toS } = this.asks();
    this.marks[name] = this.pointedS ?? (frame.n ? Math.min(frame.column("time_s")[frame.n - 1], toS) : toS);
    this.show();
  }

  /** Moments at which somebody wrote a note. */
  noted(timesS) {
    if (timesS.join() === this.notes.join()) return;
    this.notes = timesS;
    for (const { host, plot } of this.stacked) {
      host.notes = timesS;
      plot?.plot.redraw(false, false); // a picture that is paused is drawn by nobody else
    }
  }

  unmark() {
    this.pointer.forget();
    this.marks.A = this.marks.B = null;
    this.show();
  }

  #hovered(timeS) {
    this.pointer.move(timeS);
    this.changedCursor?.();
  }

  #part(kind) {
    const head = legend(kind, this.shown, (key) => this.#toggle(key));
    const host = el("div", { class: "plot", role: "img", "aria-label": titleOf(kind) });
    return {
      kind,
      legend: head,
      host,
      node: el("section", { class: "plot-part", "data-kind": kind }, head.node, host),
    };
  }

  #toggle(key) {
    if (!this.shown.delete(key)) this.shown.add(key);
    this.show();
  }

  /** Shares the room that is left below the toolbar: all four on one screen where that is readable. */
  #size() {
    const [width, room] = onPaper() ? [PAPER.width, PAPER.room] : this.#onScreen();
    if (width === this.width && room === this.room) return;
    [this.width, this.room] = [width, room];
    const asWritten = this.textPx === textPx();
    for (const { host, kind, plot } of this.stacked) {
      const height = Math.floor((room * SHARES[kind]) / 4.9);
      host.style.height = `${height}px`;
      if (asWritten) plot?.plot.setSize({ width, height });
    }
    if (!asWritten && this.textPx) this.make(); // the window's size is the text's, too
  }

  #onScreen() {
    const heads = this.stacked.reduce((sum, { legend: { node } }) => sum + node.offsetHeight, 0);
    const room = Math.max(4.9 * 84, innerHeight - this.node.getBoundingClientRect().top - scrollY - heads - 58);
    return [Math.round(this.node.clientWidth), room];
  }

  #drop() {
    for (const part of this.stacked) {
      part.plot?.plot.destroy();
      part.plot = null;
    }
  }
}

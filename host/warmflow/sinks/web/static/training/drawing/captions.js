// Sentences in the drawing that are no label: its title and caption, the scale of a drop, what holds the flow, the sum of
// the pressures, how much thinner the fluid is.

import { say } from "../../core/dom.js";
import { value } from "../../core/format.js";
import { drop } from "./catheter.js";
import { dropNl } from "./flow_state.js";
import { behind } from "./labels.js";
import { figure, group, line, path, rect, text } from "./nodes.js";
import { CM, COLUMN, PRESSURE, SCALE, SIDE, VIEW } from "./places.js";
import { number } from "./texts.js";

const SUM = [
  ["around", "ambient_kpa", 86],
  ["artery", "outlet_kpa", 106],
  ["left", "drive_kpa", 130],
]; // text, number, below the gauge's name
const STATE_AT = { x: 548, y: 422 };

/** `show(drawn, reading)`. */
export function captions(words) {
  const title = group("d-title", text("d-heading", 0, 26, words("drawing.title")));
  const caption = group(
    "d-caption",
    text("d-tick d-strong", VIEW.width, SCALE.y - 10, words("notice.short"), "end"),
    ...["caption_scale", "caption_larger"].map((key, at) =>
      text("d-tick", VIEW.width, SCALE.y + 14 + at * 21, words(`drawing.${key}`), "end"),
    ),
  );
  const short = text("d-tick d-strong d-short", 262, 603, words("drawing.short"));
  const scaleLine = text("d-tick d-left", 18 + CM + 8, 597, words("drawing.centimetre"));
  const oneDrop = text("d-tick d-strong", SIDE.x + 22, 206);
  const often = ["drop_often", "drop_reference"].map((key, at) =>
    text("d-tick", SIDE.x + 22, 226 + at * 19, words(`drawing.${key}`)),
  );
  const key = group(
    "d-drop-key d-right",
    path("d-drop", drop(SIDE.x + 8, 203, 6)),
    oneDrop,
    ...often,
    line("d-rule", SIDE.x, 262, SIDE.right, 262),
  );
  const reference = text("d-tick d-right d-against", SIDE.x, 146, words("drawing.against_reference"));
  const cycle = text("d-tick d-right d-cycle", COLUMN.x, COLUMN.bottom + 20, words("drawing.cycle"));
  const sum = SUM.map(([key, of, below]) => [key, of, figure(PRESSURE.x, PRESSURE.y + below)]);
  for (const [key, , one] of sum) one.classList.add("d-left", key === "left" ? "d-sum" : "d-term");
  const state = text("d-state", STATE_AT.x, STATE_AT.y, "", "end");
  const plate = rect("d-state-plate d-off", 0, 0, 0, 0, 6);
  const show = (drawn, reading) => {
    say(oneDrop, words("drawing.one_drop", { nl: value(dropNl(drawn), 1) }));
    for (const [key, of, one] of sum) {
      say(one.value, words(`drawing.${key}`, { pressure: number(words, drawn, of) }));
    }
    const told = reading.state === "flows" ? "" : words(`drawing.mark_${reading.state}`);
    if (told === state.textContent) return;
    say(state, told);
    plate.classList.toggle("d-off", !told);
    if (told) behind(plate, state);
  };
  return {
    whole: group(
      "d-sayings",
      title,
      caption,
      short,
      scaleLine,
      key,
      reference,
      cycle,
      ...sum.map(([, , one]) => one),
      group("d-told", plate, state),
    ),
    show,
  };
}

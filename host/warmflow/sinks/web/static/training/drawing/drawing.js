// The living drawing of the training page: the pump in its pocket, in cross-section, as the model's numbers have it now.
// It shows what it is given and works nothing out but how to show it. An emulator's picture: no marketed pump looks so.

import { el, mark, say } from "../../core/dom.js";
import { announcer } from "./announcer.js";
import { body } from "./body.js";
import { captions } from "./captions.js";
import { catheter } from "./catheter.js";
import { legend } from "./colours.js";
import { dose } from "./dose.js";
import { drops } from "./drops.js";
import { read, SECRET } from "./flow_state.js";
import { labels } from "./labels.js";
import { motion } from "./motion.js";
import { node } from "./nodes.js";
import { SCALE, SMALL_SCALE } from "./places.js";
import { pressures } from "./pressure.js";
import { pump } from "./pump.js";
import { catalogue, described } from "./texts.js";
import { viewing } from "./view.js";

const SWAY_S = 3.2; // the vapour, once about
const WAY_S = 2.4; // a mark of the heat, from one to the next
let made = 0;

/** Builds the drawing inside an element; `texts` is the catalogue. `draw` updates it, `describe` says it in words.
 *
 * Both take `{drawing, start, part, phase_text, paused, tell}`: `drawing` as a lesson's view has it, or null; `tell: false`
 * names no fault and marks none, for those who are to find it.
 */
export function drawing(host, texts) {
  const words = catalogue(texts);
  made += 1;
  const prefix = `drawing-${made}-`;
  const id = (name) => prefix + name;
  const parts = {
    body: body(id),
    pump: pump(id),
    catheter: catheter(id),
    pressures: pressures(id),
    dose: dose(words, id),
    scale: legend(words, id, SCALE),
    small: legend(words, id, SMALL_SCALE),
    drops: drops(),
    labels: labels(words),
    captions: captions(words),
  };
  const title = node("title", { id: id("title") });
  const desc = node("desc", { id: id("desc") });
  const root = node(
    "svg",
    { class: "drawing", role: "img", "aria-labelledby": id("title"), "aria-describedby": id("desc") },
    title,
    desc,
    parts.body.whole,
    parts.pump.whole,
    parts.catheter.whole,
    parts.labels.under,
    parts.catheter.tube,
    parts.drops.whole,
    parts.pressures.whole,
    parts.scale.whole,
    parts.small.whole,
    parts.dose.whole,
    parts.labels.whole,
    parts.catheter.marks,
    parts.captions.whole,
  );
  say(title, words("drawing.title"));
  const live = el("p", { class: "unseen", "aria-live": "polite" });
  const frame = el("div", { class: "drawing-frame" }, root, live);
  viewing(root, frame);
  host.replaceChildren(frame);

  const speak = announcer(desc, live);
  const clock = { sway: 0, way: 0 };
  const moving = motion(
    root,
    (dtS) => step(parts, clock, dtS),
    () => last && draw(last),
  );
  let last = null;
  let fresh = true;
  function draw(drawn) {
    last = drawn;
    mark(root, "data-state", drawn.drawing ? told(drawn).state : "nothing");
    mark(root, "data-paused", Boolean(drawn.paused));
    moving.allow(Boolean(drawn.drawing) && !drawn.paused);
    if (drawn.drawing) update(parts, drawn, fresh || !moving.moves);
    fresh = fresh && !drawn.drawing;
    speak(described(words, drawn), `${drawn.part} ${root.dataset.state} ${drawn.phase_text}`);
  }
  return { draw, describe: (drawn) => described(words, drawn) };
}

function update(parts, { drawing: drawn, start = null, part = null, tell }, atOnce) {
  const seen = told({ drawing: drawn, start, tell });
  parts.body.show(drawn);
  parts.pump.show(drawn, atOnce);
  parts.catheter.show(drawn, seen, read(start ?? drawn).rate);
  parts.drops.show(parts.catheter.lumen(), seen, atOnce);
  parts.pressures.show(drawn, start);
  parts.dose.show(drawn);
  for (const scale of [parts.scale, parts.small])
    scale.show({ skin: drawn.skin_c, pump: drawn.pump_c, core: drawn.core_c });
  parts.labels.show(drawn, part, parts.catheter.lumen().getAttribute("d"));
  parts.captions.show(drawn, seen);
}

/** What is shown of the state: a fault that is to be found looks as if there were none, but for its numbers. */
function told({ drawing: drawn, start = null, tell = true }) {
  const reading = read(drawn, start);
  return tell || !SECRET.includes(reading.state) ? reading : { ...reading, state: "flows" };
}

/** One picture of what moves by itself. */
function step(parts, clock, dtS) {
  clock.sway = (clock.sway + dtS / SWAY_S) % 1;
  clock.way = (clock.way + dtS / WAY_S) % 1;
  parts.drops.step(dtS);
  parts.pump.ease(Math.min(1, dtS * 5));
  parts.pump.drift(clock.sway);
  parts.body.drift(clock.way);
}

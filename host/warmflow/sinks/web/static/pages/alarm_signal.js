// The worst state where a person sees it without looking: in the page's title, its icon, the header, a reader's voice, and,
// once somebody has allowed it, as a sound. A browser lets no page sound before a click, and neither do we.

import { mark, say } from "../core/dom.js";
import { badgeWords } from "../core/state_words.js";
import { model } from "../core/store.js";
import { LEVELS, NOT_LIVE } from "../core/texts.js";
import { LEVEL_NAMES } from "../core/vocabulary.js";
import { stateOf } from "./alarms.js";

const TONES = { high: [880, 660, 880], medium: [660, 660], low: [520] };
const EVERY_MS = { high: 5000, medium: 12000, low: 30000 };

let sound = null;
let soundedMs = -Infinity;
let told = "";
const heard = new Set();

/** Starts; `parts` has badge, voice, soundButton. */
export function alarmSignal({ badge, voice, soundButton }) {
  soundButton.addEventListener("click", () => {
    sound?.close();
    sound = sound ? null : new AudioContext();
    mark(soundButton, "aria-pressed", Boolean(sound));
    say(soundButton, sound ? "Sound on" : "Sound off");
  });
  const look = () => {
    const waiting = model.alarms.filter(({ state }) => state.includes("unacknowledged"));
    const [sign, word, icon, pump] = worst();
    mark(badge, "href", pump ? `/pump/${encodeURIComponent(pump)}` : "/");
    const title = `${sign} ${word} · warmflow`;
    if (document.title !== title) document.title = title;
    mark(document.querySelector("link[rel=icon]"), "href", `/static/core/icons/${icon}.svg`);
    say(badge, `${sign} ${word}${waiting.length ? `, ${waiting.length} to acknowledge` : ""}`);
    mark(badge, "data-level", icon);
    speak(voice, waiting);
    if (waiting.length) play(waiting[0].priority);
  };
  for (const what of ["table", "alarms", "connection"]) model.addEventListener(what, look);
  setInterval(look, 1000);
}

/** Mark, words and icon of the worst of all pumps: of their flow, and of every alarm that waits. */
function worst() {
  if (model.connection !== "open") return [NOT_LIVE.mark, "no connection", "away"];
  const name = model.worstFirst()[0];
  const judged = name && model.judged(name);
  const stray = model.strayAlarm();
  const level = LEVELS[stray?.active ? stray.priority : ""];
  if (level && level.rank > (judged?.rank ?? 0))
    return [
      level.mark,
      `${stray.priority.toUpperCase()} ${stray.pump}: ${stray.title ?? stray.id}`,
      stray.priority,
      stray.pump,
    ];
  if (!name) return ["○", "no pumps", "away"];
  if (judged.live && judged.rank === 0) return ["●", "all normal", "normal"];
  const [sign, word] = badgeWords(judged);
  const why = judged.says.text;
  return [sign, `${word} ${name}${why && `: ${why}`}`, iconOf(judged), name];
}

/** An alarm is the daemon's word of now, also where the pump's values are old. */
function iconOf({ live, says }) {
  return live || says.rank === LEVEL_NAMES.length - 1 ? (LEVEL_NAMES[says.rank] ?? "low") : "away";
}

/** Each alarm is spoken once for each state that asks for somebody. */
function speak(voice, waiting) {
  const fresh = waiting.filter(({ pump, id, since, state }) => !heard.has(`${pump}/${id}/${since}/${state}`));
  for (const { pump, id, since, state } of fresh) heard.add(`${pump}/${id}/${since}/${state}`);
  const words = fresh
    .map(({ pump, priority, text, state }) => `${priority} priority, ${pump}: ${text} ${stateOf(state).word}.`)
    .join(" ");
  if (!words || words === told) return;
  told = words;
  say(voice, words);
}

function play(priority) {
  if (!sound || performance.now() - soundedMs < EVERY_MS[priority]) return;
  soundedMs = performance.now();
  TONES[priority].forEach((hertz, at) => {
    const tone = sound.createOscillator();
    const loud = sound.createGain();
    const fromS = sound.currentTime + at * 0.22;
    tone.frequency.value = hertz;
    loud.gain.setValueAtTime(0.0001, fromS);
    loud.gain.exponentialRampToValueAtTime(0.2, fromS + 0.02);
    loud.gain.exponentialRampToValueAtTime(0.0001, fromS + 0.18);
    tone.connect(loud).connect(sound.destination);
    tone.start(fromS);
    tone.stop(fromS + 0.2);
  });
}

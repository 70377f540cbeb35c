// The text equivalent for those who do not see the drawing: the description is kept fresh, and read out only when
// something else is shown than before; neither more often than every five seconds.

import { say } from "../../core/dom.js";

const PATIENCE_MS = 5000;

/** Returns `speak(sentence, about)`: `about` is what has to change before it is read out again. */
export function announcer(desc, live) {
  let saidMs = -Infinity;
  let waiting = 0;
  let next = null;
  let spoken = null;
  const now = () => {
    waiting = 0;
    saidMs = performance.now();
    say(desc, next.sentence);
    if (next.about !== spoken) say(live, next.sentence);
    spoken = next.about;
  };
  return (sentence, about) => {
    next = { sentence, about };
    if (waiting) return;
    const leftMs = saidMs + PATIENCE_MS - performance.now();
    if (leftMs <= 0) now();
    else waiting = setTimeout(now, leftMs);
  };
}

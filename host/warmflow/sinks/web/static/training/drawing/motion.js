// The drawing's only clock: at most so many pictures a second, none at all for whoever asked for less motion, in a
// paused lesson, in a hidden page, or for a drawing that is no longer in it.

const PICTURE_MS = 60; // drops are slow: more pictures cost, and nobody sees them
const LONGEST_S = 0.25; // after a pause nothing leaps

/** Calls `step(seconds)`; `allow(true or false)` is for the lesson, reduced motion goes before it. `changed` is called when
 * somebody asks for less motion, or for it again. */
export function motion(root, step, changed) {
  const less = matchMedia("(prefers-reduced-motion: reduce)");
  let allowed = true;
  let asked = 0;
  let lastMs = 0;
  const may = () => allowed && !less.matches;
  const later = () => {
    asked = setTimeout(() => requestAnimationFrame(picture), PICTURE_MS); // no frame is asked for that shows nothing new
  };
  const picture = (nowMs) => {
    asked = 0;
    if (!may() || !root.isConnected) return;
    step(Math.min(LONGEST_S, (nowMs - lastMs) / 1000));
    lastMs = nowMs;
    later();
  };
  const go = () => {
    if (may() && !asked) later();
    root.classList.toggle("d-still", !may());
  };
  less.addEventListener("change", () => {
    go();
    changed();
  });
  return {
    allow(given) {
      allowed = given;
      go();
    },
    get moves() {
      return may();
    },
  };
}

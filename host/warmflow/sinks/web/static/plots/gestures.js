// Wheel, fingers and keys on the plots, as words of the view: zoom, move, pause, marks. It knows no plot.

const NOTCH = 1.25;

/** `act` has zoom(factor, share), move(share), pan(px), cursor(px), pause(), mark(name), unmark(), note(), live(). share: 0 left, 1 right. */
export function gestures(node, area, act, signal) {
  const options = { signal, passive: false };
  const share = (event) => {
    const box = area().getBoundingClientRect();
    return Math.min(1, Math.max(0, (event.clientX - box.left) / box.width));
  };
  node.addEventListener("wheel", (event) => wheel(event, act, share), options);
  node.addEventListener("keydown", (event) => key(event, act), { signal });
  shiftDrag(node, area, act, signal);
  fingers(node, area, act, share, signal);
}

/** The wheel zooms, and so does a pinch on a touch pad; sideways, or with Shift, it moves. */
function wheel(event, act, share) {
  const sideways = event.shiftKey
    ? event.deltaY || event.deltaX
    : Math.abs(event.deltaX) > Math.abs(event.deltaY)
      ? event.deltaX
      : 0;
  event.preventDefault();
  if (sideways) act.move(Math.sign(sideways) * 0.1);
  else act.zoom(event.deltaY > 0 ? NOTCH : 1 / NOTCH, share(event));
}

const KEYS = {
  ArrowLeft: (act, shift) => (shift ? act.cursor(-8) : act.move(-0.2)),
  ArrowRight: (act, shift) => (shift ? act.cursor(8) : act.move(0.2)),
  "+": (act) => act.zoom(1 / 1.5),
  "=": (act) => act.zoom(1 / 1.5),
  "-": (act) => act.zoom(1.5),
  " ": (act) => act.pause(),
  p: (act) => act.pause(),
  a: (act) => act.mark("A"),
  b: (act) => act.mark("B"),
  n: (act) => act.note(),
  Escape: (act) => act.unmark(),
  Home: (act) => act.live(),
  0: (act) => act.live(),
};

function key(event, act) {
  if (event.ctrlKey || event.altKey || event.metaKey || event.target.closest("button, input, select, textarea")) return;
  const found = KEYS[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  if (!found) return;
  event.preventDefault();
  found(act, event.shiftKey);
}

function shiftDrag(node, area, act, signal) {
  let beforeX = null;
  const begin = (event) => {
    if (event.shiftKey) beforeX = event.clientX;
  };
  const end = () => {
    beforeX = null;
  };
  node.addEventListener("mousedown", begin, { signal });
  addEventListener("mouseup", end, { signal });
  addEventListener(
    "mousemove",
    (event) => {
      if (beforeX === null) return;
      act.move((beforeX - event.clientX) / area().getBoundingClientRect().width);
      beforeX = event.clientX;
    },
    { signal },
  );
}

/** One finger moves in time, two zoom about their middle; up and down scrolls the page. */
function fingers(node, area, act, share, signal) {
  const down = new Map();
  const middleAndWidth = () => {
    const xs = [...down.values()];
    return [(xs[0] + xs.at(-1)) / 2, Math.max(20, Math.abs(xs[0] - xs.at(-1)))];
  };
  node.addEventListener(
    "pointerdown",
    (event) => event.pointerType === "touch" && down.set(event.pointerId, event.clientX),
    { signal },
  );
  node.addEventListener(
    "pointermove",
    (event) => {
      if (!down.has(event.pointerId)) return;
      const [middleX, width] = middleAndWidth();
      down.set(event.pointerId, event.clientX);
      const [nowX, nowWidth] = middleAndWidth();
      if (down.size > 1) act.zoom(width / nowWidth, share({ clientX: nowX }));
      act.move((middleX - nowX) / area().getBoundingClientRect().width);
    },
    { signal },
  );
  for (const name of ["pointerup", "pointercancel"])
    node.addEventListener(name, (event) => down.delete(event.pointerId), { signal });
}

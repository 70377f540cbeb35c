// How much of the drawing is seen: all of it, or, where there is little room, only the body or its right half, so that
// no letter becomes too small to read.

import { mark } from "../../core/dom.js";
import { NEAR, VIEW } from "./places.js";

/** Returns `view(part)`; the room is looked at by itself. */
export function viewing(root, frame) {
  let small = false;
  let side = false;
  const set = () => {
    const box = side ? NEAR.side : NEAR.body;
    mark(root, "viewBox", small ? box : `0 0 ${VIEW.width} ${VIEW.height}`);
    root.classList.toggle("d-near", small);
    root.classList.toggle("d-side", small && side);
  };
  new ResizeObserver(([{ contentRect }]) => {
    if (contentRect.width) small = contentRect.width < NEAR.below;
    set();
  }).observe(frame);
  set();
  return (part) => {
    side = NEAR.sideParts.includes(part);
    set();
  };
}

// How much of the drawing is seen: as much as there is room for with letters that can be read. Nothing of it is ever cut:
// where there is little room it is laid out anew, and what the letters say is left to the page around it.

import { mark } from "../../core/dom.js";
import { LAYOUTS, LEAST_SCALE } from "./places.js";

/** Looks at the room by itself, from now on. */
export function viewing(root, frame) {
  const set = ({ width, height }) => {
    const scale = ({ box: [, , wide, high] }) => Math.min(width / wide, height / high);
    const [whole, ...others] = LAYOUTS;
    const fits = [whole, others.slice(0, 2).sort((a, b) => scale(b) - scale(a))[0], others[2]];
    const layout = fits.find((one) => scale(one) >= LEAST_SCALE) ?? LAYOUTS.at(-1);
    mark(root, "viewBox", layout.box.join(" "));
    mark(root, "data-layout", scale(layout) >= LEAST_SCALE ? layout.name : "bare");
    root.classList.toggle("d-near", layout !== whole);
  };
  new ResizeObserver(([{ contentRect }]) => contentRect.width && set(contentRect)).observe(frame);
  set({ width: LAYOUTS[0].box[2], height: LAYOUTS[0].box[3] });
}

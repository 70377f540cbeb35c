// Where everything stands, in units of the drawing. The puck and the tissue over it are to scale (56 units = 1 cm: 7.8 cm
// across, 2.4 cm thick, a dome of 1 cm); capillary, catheter and drops are drawn larger, and the caption says so.
// Ref: FDA P890055 for the puck.

export const VIEW = { width: 980, height: 720 };
export const CM = 56;
export const PANEL = { x: 0, y: 44, width: 736, height: 566, right: 736, bottom: 610 };
export const SIDE = { x: 760, right: 980 };

const SURFACE = "C 130 160 196 124 370 124 S 610 160 736 160";
export const SKIN = {
  outside: `M 0 44 V 160 ${SURFACE} V 44 Z`,
  surface: `M 0 160 ${SURFACE}`,
  body: `M 0 160 ${SURFACE} V 610 H 0 Z`,
  thick: 11,
};
const FASCIA = "C 130 396 180 394 370 394 S 620 396 736 390";
export const MUSCLE = { area: `M 0 398 ${FASCIA} V 610 H 0 Z`, fascia: `M 0 398 ${FASCIA}` };

export const PUCK = {
  shell:
    "M 176 371 H 564 A 26 26 0 0 0 590 345 V 262 A 26 26 0 0 0 564 236 H 508 C 468 236 464 180 412 180 H 328 " +
    "C 276 180 272 236 232 236 H 176 A 26 26 0 0 0 150 262 V 345 A 26 26 0 0 0 176 371 Z",
  pocket:
    "M 174 381 H 566 A 34 34 0 0 0 600 347 V 260 A 34 34 0 0 0 566 226 H 518 C 482 226 474 170 416 170 H 324 " +
    "C 266 170 258 226 222 226 H 174 A 34 34 0 0 0 140 260 V 347 A 34 34 0 0 0 174 381 Z",
  septum: { x: 340, y: 180, width: 60, height: 15 },
  inlet: "M 344 195 H 396 L 384 247 H 356 Z",
};
export const CHAMBER = { x: 162, y: 247, width: 316, height: 113, right: 478, bottom: 360 };
export const BELLOWS = { x: 202, right: 438, top: 247, least: 6, most: 76, plate: 6, fold: 9, full_ml: 30 };
export const LIQUID = { most: 15, least: 11 };

export const COIL_BOX = { x: 488, y: 252, width: 92, height: 108 };
export const COIL =
  "M 424 252 V 242 H 498 V 262 Q 498 270 506 270 H 558 A 8 8 0 0 1 558 286 H 510 A 8 8 0 0 0 510 302 H 558 " +
  "A 8 8 0 0 1 558 318 H 510 A 8 8 0 0 0 510 334 H 592";
export const LENS = { x: 670, y: 243, r: 48, bore: 26 };

export const ARTERY = "M 520 650 C 566 596 640 562 760 552";
export const ARTERY_WIDE = 44;
const SLACK = "M 592 334 C 634 334 730 364 708 408 S 588 424 572 466";
export const CATHETER = { placed: `${SLACK} C 560 508 600 572 672 572`, loose: `${SLACK} C 566 488 556 500 528 500` };
export const LOOSE_TIP = { x: 524, y: 500 };
export const BLOCKED_AT = 0.42; // of the catheter's length
export const LEAK_AT = 0.5;

export const PRESSURE = { x: 162, y: 450, width: 300, bar: 12 };
export const COLUMN = { x: 766, top: 412, bottom: 584, width: 44 };
export const COLUMN_LENS = { x: 908, y: 456, r: 54 };
export const SCALE = { x: 0, y: 658, width: 340, height: 14, every: 1 };
export const SMALL_SCALE = { x: 258, y: 68, width: 168, height: 12, every: 2 }; // between the labels of the top

/** What is seen of it, from the most to the least: all; no sentences; the numbers below the body; the body with its own
 * labels; the body alone, where letters would be too small to read. The pump is whole in each of them. */
export const LAYOUTS = [
  { name: "whole", box: [0, 0, VIEW.width, VIEW.height] },
  { name: "wide", box: [0, 44, VIEW.width, 576] },
  { name: "stacked", box: [0, 44, 736, 784] },
  { name: "body", box: [0, 44, 736, 566] },
];
export const LEAST_SCALE = 0.635; // of a layout with letters: the smallest are ten pixels high then

// The drawing with nothing around it: `bench.draw(case)`, as the training page does it.
import { drawing } from "/static/training/drawing/drawing.js";

const texts = await (await fetch("/bench/texts")).json();
globalThis.bench = drawing(document.getElementById("host"), texts);
document.body.dataset.ready = "yes";

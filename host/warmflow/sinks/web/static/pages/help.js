// What the marks and keys mean.

import { el } from "../core/dom.js";
import { KEYS, LEVELS, NOT_LIVE } from "../core/texts.js";
import { LEVEL_NAMES, LIMITS_PERCENT, NOTICE, STALE_S } from "../core/vocabulary.js";

/** The page. */
export function helpPage(page) {
  const rows = (pairs) => el("dl", {}, ...pairs.flatMap(([term, words]) => [el("dt", {}, term), el("dd", {}, words)]));
  page.append(
    el("div", { class: "page-head" }, el("h1", {}, "Help")),
    el("p", {}, NOTICE),
    el("h2", {}, "Marks"),
    rows([
      [
        `${LEVELS.normal.mark} normal`,
        `less than ${LIMITS_PERCENT[0]} % from the reference rate, unless the pump has limits of its own`,
      ],
      [
        "▲ ▲▲ ▲▲▲",
        `${LIMITS_PERCENT.map((percent, at) => `${LEVEL_NAMES[at + 1]} ${percent} %`).join(", ")} above; ▼ below`,
      ],
      ["△ cleared", "nothing is wrong now; an alarm has returned to normal and nobody has acknowledged it"],
      ["⊘ suppressed", "another alarm covers it: one condition is one alarm"],
      ["◆ on the bar", "the deviation that the probe's warmth explains"],
      [
        `${NOT_LIVE.mark} not live`,
        `an older value: more than ${STALE_S} s, or its link is broken. It is grey and hatched, and says how old it is.`,
      ],
      ["solid line", "measured: what an instrument shows; flags come from it alone"],
      ["dashed line", "modelled: what the emulator computed; a real pump hides it"],
      ["reference rate", "the rig's own resting rate, not the label"],
    ]),
    el("h2", {}, "Keys"),
    rows(KEYS),
    el("h2", {}, "For scripts"),
    el(
      "p",
      {},
      "The same values come by HTTP: ",
      el("a", { href: "/api/openapi.json", download: "openapi.json" }, "openapi.json"),
      " describes them.",
    ),
  );
}

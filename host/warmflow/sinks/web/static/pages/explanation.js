// Why the flow is what it is: the likeliest cause, each influence with its share, one after another until they come to the
// deviation, and the same in plain words, folded: they are long, and the picture has to be in sight. The shares come from the
// daemon; until it gives them, what the probe explains and what is left.

import { el, mark, say } from "../core/dom.js";
import { known, moment, seconds, value } from "../core/format.js";
import { whyWords } from "../core/state_words.js";
import { MORE, NOT_LIVE, SHARES } from "../core/texts.js";

/** The panel; `set(judged)` writes what is known of a pump. */
export function explanation() {
  const body = el("tbody");
  const cause = el("p", { class: "likeliest" });
  const at = el("small", {}); // the moment that it is about: the plots may show another one
  const text = el("p", { class: "explained" });
  const rest = el("p");
  const more = el("details", {}, el("summary", {}, MORE), rest);
  const table = el(
    "table",
    { class: "waterfall" },
    el("caption", { class: "unseen" }, "Shares of the deviation, in percent of the reference rate"),
    body,
  );
  const node = el(
    "section",
    { class: "panel", "aria-label": "Why" },
    el("h2", {}, "Why ", at),
    cause,
    table,
    text,
    more,
  );
  return { node, set: (judged) => set({ node, at, cause, text, rest, more, body, table }, judged) };
}

function set({ node, at, cause, text, rest, more, body, table }, judged) {
  const { last, says, live } = judged;
  mark(node, "data-stale", !live);
  say(at, last?.time ? `at ${moment(seconds(last.time))}${live ? "" : `, ${NOT_LIVE.word}`}` : "");
  const shares = sharesOf(last);
  const [first, others] = parted(last?.diagnosis?.text || "");
  say(cause, [says.headline, whyWords(judged)].filter(Boolean).join(". "));
  say(text, first);
  say(rest, others);
  more.hidden = !others;
  table.hidden = !shares.length;
  if (!shares.length) return;
  const steps = [];
  for (const share of shares) {
    const from = steps.at(-1)?.to ?? 0;
    steps.push({ ...share, from, to: from + share.percent });
  }
  steps.push({ name: "deviation", percent: steps.at(-1).to, from: 0, to: steps.at(-1).to, sum: true });
  const low = Math.min(0, ...steps.map(({ to }) => to));
  const high = Math.max(0, ...steps.map(({ to }) => to));
  const size = Math.max(1, high - low);
  while (body.children.length > steps.length) body.lastElementChild.remove();
  steps.forEach((step, at) => {
    if (!body.children[at]) body.append(row());
    fill(body.children[at], step, low, size);
  });
}

/** The first sentence, and what follows it. A point within a number ends none. */
const parted = (text) =>
  text
    .match(/^(.*?\.)(?:\s+(?=\p{Lu})(.*))?$/su)
    ?.slice(1)
    .map((part) => part ?? "") ?? [text, ""];

function sharesOf(last) {
  if (last?.diagnosis?.shares?.length) return last.diagnosis.shares.filter(({ percent }) => known(percent));
  const { deviation_percent: whole, explained_by_probe_percent: explained } = last ?? {};
  if (!known(whole) || !known(explained)) return [];
  return [
    { name: SHARES.explained, percent: explained },
    { name: SHARES.unexplained, percent: whole - explained },
  ];
}

function row() {
  const fill = el("span", { class: "step" });
  const zero = el("span", { class: "step-zero" });
  return el(
    "tr",
    {},
    el("th", { scope: "row" }),
    el("td", { class: "steps", "aria-hidden": "true" }, zero, fill),
    el("td", { class: "number" }),
  );
}

function fill(node, { name, percent, from, to, sum }, low, size) {
  const [head, track, number] = node.children;
  const [zero, bar] = track.children;
  const at = (percentAt) => (100 * (percentAt - low)) / size;
  say(head, name);
  say(number, value(percent, 1, "%", true));
  mark(node, "data-sum", sum);
  mark(bar, "data-sign", percent < 0 ? "less" : "more");
  zero.style.left = `${at(0)}%`;
  bar.style.left = `${at(Math.min(from, to))}%`;
  bar.style.width = `${Math.max(0.5, Math.abs(at(to) - at(from)))}%`;
}

/** What is measured, and what is modelled. */
export function sources() {
  return el(
    "section",
    { class: "panel sources", "aria-label": "Measured and modelled" },
    el("h2", {}, "Measured and modelled"),
    el(
      "p",
      {},
      "Solid lines were measured: probe, meter, barometer. Dashed lines were computed by the emulator; a real pump hides them, and the journal does not keep them.",
    ),
    el(
      "p",
      {},
      "The reference rate is the rig's own resting rate, not the label. Nominal is what it would have delivered, at the speed that pump time had at each reading.",
    ),
  );
}

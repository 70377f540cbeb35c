// Which stretch of time is shown: a span that follows the newest value, or a window that stays where it is. Pure.

export const SPANS = [
  ["1 min", 60],
  ["5 min", 300],
  ["15 min", 900],
  ["1 h", 3600],
  ["6 h", 21600],
  ["1 d", 86400],
  ["7 d", 604800],
  ["30 d", 2592000],
];
const SHORTEST_S = 2;
const LONGEST_S = 31 * 86400;
const LAST_S = 4102444800; // 2100: past some moment no date has a name, and an axis would look for its ticks for ever

const bounded = (spanS) => Math.min(LONGEST_S, Math.max(SHORTEST_S, spanS));

export const following = (spanS) => ({ spanS: bounded(spanS), toS: null });
export const isLive = (view) => view.toS === null;

/** From and to, Unix seconds. */
export function windowOf(view, nowS) {
  const toS = view.toS ?? nowS;
  return [toS - view.spanS, toS];
}

/** A window that reaches past now follows. */
export function between(fromS, toS, nowS) {
  const spanS = bounded(toS - fromS);
  return toS > nowS ? following(spanS) : { spanS, toS };
}

/** Longer (factor > 1) or shorter; what is at `atS` stays where it is. A view that follows goes on following without it. */
export function zoomed(view, nowS, factor, atS = null) {
  const [fromS, toS] = windowOf(view, nowS);
  const spanS = bounded(view.spanS * factor);
  if (atS === null)
    return isLive(view) ? following(spanS) : between((fromS + toS - spanS) / 2, (fromS + toS + spanS) / 2, nowS);
  const share = (atS - fromS) / (toS - fromS);
  return between(atS - share * spanS, atS + (1 - share) * spanS, nowS);
}

export function moved(view, nowS, byS) {
  const [fromS, toS] = windowOf(view, nowS);
  return between(fromS + byS, toS + byS, nowS);
}

/** The view as the address has it, and out of it: a link shows the same again. */
export function asQuery(view) {
  return isLive(view)
    ? `?span=${Math.round(view.spanS)}`
    : `?from=${(view.toS - view.spanS).toFixed(1)}&to=${view.toS.toFixed(1)}`;
}

/** What makes no stretch of 1970 to 2100 follows. */
export function fromQuery(text) {
  const asked = new URLSearchParams(text);
  const number = (name) => Number.parseFloat(asked.get(name));
  const [fromS, toS, spanS] = ["from", "to", "span"].map(number);
  if (toS > fromS && fromS >= 0 && toS <= LAST_S) return { spanS: bounded(toS - fromS), toS };
  return following(spanS > 0 ? spanS : 300);
}

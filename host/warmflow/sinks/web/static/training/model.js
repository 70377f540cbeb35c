// The pump's model in the page: temperatures of an exposure from rest in closed form, the flow that follows, and the whole
// answer: peak, how late it comes, and what it adds to a dose of 14 days. Its figures are pumpmodel's (model_constants.js);
// a test holds it to `warmflow simulate`. No faults, no empty reservoir, no spring.

import { BATH, BODIES, FILLS, REST, SEA_LEVEL_KPA, STANDARD_AIR, TAU_S, VALID_C, WATER_LN } from "./model_constants.js";

const CYCLE_S = 14 * 86400;
const TAIL_S = 12 * 3600; // after the exposure: the slowest of it has decayed by e^-18
const SETTLES_S = 7200;
const PARTS = 120; // of each stretch, even: enough for a thousandth of a thousandth of the dose
const SHARPENED = 40; // halvings of the place of the peak

/** What warm water does to a body: skin and, while it lasts, core. */
export function bath(waterC, minutes) {
  const rise = Math.max(0, waterC - BATH.heats_above_c) * BATH.rise_per_s * minutes * 60;
  return { skinC: waterC + BATH.to_skin_c, coreC: Math.min(BATH.ceiling_c, REST.core_c + rise) };
}

/** Pressure so many metres above the sea, in kPa. */
export function altitudeKpa(metres) {
  const [lapse, surface, power] = STANDARD_AIR;
  return SEA_LEVEL_KPA * (1 - (lapse * metres) / surface) ** power;
}

/** The answer to an exposure: `{skinC, coreC, rampMin, minutes, body, fill, ambientKpa}`, the core rising over `rampMin`.
 *
 * `peakPercent`, `lateMin` after the end, `dosePercent` of 14 days, and `at(seconds)` with the course of it.
 */
export function answer({ skinC, coreC, minutes, rampMin = minutes, body, fill, ambientKpa = SEA_LEVEL_KPA }) {
  const { share, tau_s: tau } = BODIES[body];
  const endS = minutes * 60;
  const rampS = Math.min(rampMin, minutes) * 60;
  const restC = REST.core_c + share * (REST.skin_c - REST.core_c);
  const rising = stretch({ skin: REST.skin_c, core: REST.core_c, node: restC }, share, tau, {
    skinC,
    skinTau: TAU_S.exposed,
    rise: (coreC - REST.core_c) / rampS,
  });
  const held = stretch(rising(rampS), share, tau, { skinC, skinTau: TAU_S.exposed, rise: 0 });
  const after = stretch(rampS < endS ? held(endS - rampS) : rising(endS), share, tau, {
    skinC: REST.skin_c,
    skinTau: TAU_S.skin,
    coreC: REST.core_c,
  });
  const at = (s) => {
    if (s <= 0) return { skin: REST.skin_c, core: REST.core_c, node: restC };
    if (s <= rampS) return rising(s);
    return s <= endS ? held(s - rampS) : after(s - endS);
  };
  const reference = flow(restC, FILLS[fill], SEA_LEVEL_KPA);
  const exposed = (s) => flow(at(s).node, FILLS[fill], ambientKpa) / reference - 1;
  const resting = (s) => flow(at(s).node, FILLS[fill], SEA_LEVEL_KPA) / reference - 1;
  const spans = [
    [0, rampS, exposed],
    [rampS, endS, exposed],
    [endS, endS + TAIL_S, resting],
  ].flatMap(([from, to, of]) => {
    const settledS = Math.min(to, from + SETTLES_S); // what changes fast is at the beginning of a stretch
    return [
      [from, settledS, of],
      [settledS, to, of],
    ].filter(([begin, end]) => end > begin);
  });
  let sum = 0;
  let peak = { s: 0, value: 0 };
  for (const [from, to, of] of spans) {
    const step = (to - from) / PARTS;
    for (let part = 0; part <= PARTS; part += 1) {
      const s = from + part * step;
      const value = of(s);
      sum += ((part === 0 || part === PARTS ? 1 : part % 2 ? 4 : 2) * value * step) / 3; // Simpson
      if (Math.abs(value) > Math.abs(peak.value) + 1e-9) peak = { s, value, from, to, step, of };
    }
  }
  // what is around the body may change with the end of the exposure, and the flow then jumps: looked for on one side of it
  const jumps = ambientKpa !== SEA_LEVEL_KPA;
  const top = sharpen(jumps ? peak : { ...peak, from: 0, to: endS + TAIL_S, of: peak.of && exposed });
  return {
    peakPercent: 100 * top.value,
    lateMin: (top.s - endS) / 60,
    dosePercent: (100 * sum) / CYCLE_S,
    at: (s) => ({ ...at(s), deviation: s > 0 && s <= endS ? exposed(s) : resting(Math.max(0, s)) }),
  };
}

/** The largest value between the neighbours of the largest sample. */
function sharpen({ s, value, from, to, step, of }) {
  if (!of) return { s: 0, value: 0 };
  let low = Math.max(from, s - step);
  let high = Math.min(to, s + step);
  const size = (place) => Math.abs(of(place));
  for (let round = 0; round < SHARPENED; round += 1) {
    const [one, two] = [low + (high - low) / 3, high - (high - low) / 3];
    if (size(one) >= size(two)) high = two;
    else low = one;
  }
  const middle = (low + high) / 2;
  return size(middle) > Math.abs(value) ? { s: middle, value: of(middle) } : { s, value };
}

/** Temperatures of a stretch in which nothing changes from without: three linear equations, solved. Ref: pumpmodel.body. */
function stretch(from, share, tau, { skinC, skinTau, rise = null, coreC = null }) {
  const skinGap = from.skin - skinC;
  const fromSkin = (share * skinGap * skinTau) / (skinTau - tau);
  const rises = rise !== null;
  const coreGap = rises ? 0 : from.core - coreC;
  const target = share * skinC + (1 - share) * (rises ? from.core - rise * tau : coreC);
  const fromCore = ((1 - share) * coreGap * TAU_S.core) / (TAU_S.core - tau);
  const own = from.node - target - fromSkin - fromCore;
  return (s) => {
    const skinLeft = Math.exp(-s / skinTau);
    const coreLeft = Math.exp(-s / TAU_S.core);
    return {
      skin: skinC + skinGap * skinLeft,
      core: rises ? from.core + rise * s : coreC + coreGap * coreLeft,
      node:
        target +
        fromSkin * skinLeft +
        own * Math.exp(-s / tau) +
        (rises ? (1 - share) * rise * s : fromCore * coreLeft),
    };
  };
}

/** Flow through the restrictor, in a unit that the ratio to the reference takes out again. Never negative. */
function flow(nodeC, { antoine: [a, b, c], outlet_kpa: outlet }, ambientKpa) {
  const tempC = Math.min(VALID_C[1], Math.max(VALID_C[0], nodeC));
  const drive = Math.exp(a - b / (tempC + c)) - ambientKpa - outlet;
  return Math.max(0, drive) / Math.exp(WATER_LN[0] + WATER_LN[1] / (tempC + WATER_LN[2]));
}

// The limits of a pump's flow as the pages draw them. What they are, the daemon says with each pump; until it has, the usual ones.

import { LEVEL_NAMES, LIMIT_FIELDS } from "./vocabulary.js";

const LEVELS = LEVEL_NAMES.slice(1);
const USUAL = Object.fromEntries(Object.entries(LIMIT_FIELDS).map(([name, field]) => [name, field.default]));

/** All limits by name. */
export const limitsOf = (pump) => pump?.limits ?? USUAL;

/** Those of the flow: [percent with its sign, level], the lowest first, above before below. */
export const rateLimits = (limits) =>
  LEVELS.flatMap((level) => [
    [limits[`rate_${level}_above_percent`], level],
    [-limits[`rate_${level}_below_percent`], level],
  ]);

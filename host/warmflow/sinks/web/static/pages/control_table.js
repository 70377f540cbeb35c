// The commands that the page of controls offers, each a row: what it is called, what it asks for, and in which limits. The
// limits are the daemon's own.

import { COMMAND_LIMITS, FAULTS, PROFILES } from "../core/vocabulary.js";

const number = (name, label, unit, given = "") => ({ name, label, type: "number", step: "any", unit, given });
const whole = (...of) => ({ ...number(...of), step: 1 });
const choice = (name, label, choices) => ({ name, label, choices });
const MINUTES = { ...number("duration_s", "For", "min, pump time", 30), factor: 60 };

const TABLE = [
  { kind: "identify", title: "Identify", go: "Identify", says: "The board blinks, so that you find it.", fields: [] },
  {
    kind: "refill",
    title: "Refill",
    go: "Refill",
    says: "Empties the reservoir and fills it again.",
    sure: "Refill now?",
    fields: [{ ...number("volume_ml", "Volume", "mL"), min: 0.1, hint: "full" }],
  },
  {
    kind: "rate",
    title: "Readings",
    go: "Set the rate",
    says: "How often the board measures.",
    fields: [whole("rate_hz", "Rate", "a second", 10)],
  },
  {
    kind: "speed",
    title: "Speed",
    go: "Set the speed",
    says: "How much faster than real time the pump runs.",
    fields: [whole("speed_x", "Speed", "times", 1)],
  },
  {
    kind: "profile",
    title: "Profile",
    go: "Load the profile",
    says: "Load another pump profile.",
    sure: "Load another pump profile?",
    fields: [choice("profile", "Pump", PROFILES)],
  },
  {
    kind: "environment",
    title: "Exposure",
    go: "Expose",
    says: "Heat, cold or pressure about the body for a time; empty fields stay as they are. 0 min ends it.",
    fields: [
      MINUTES,
      number("skin_c", "Skin", "°C"),
      number("core_c", "Core", "°C"),
      number("ambient_kpa", "Ambient", "kPa"),
      number("outlet_kpa", "At the catheter", "kPa"),
    ],
  },
  {
    kind: "fault",
    title: "Inject a fault",
    go: "Inject",
    says: "For training: the emulated pump misbehaves for a time.",
    sure: "Inject this fault?",
    fields: [
      choice("fault", "Fault", ["none", ...FAULTS]),
      number("magnitude", "Size", "0 to 1", 1),
      { ...MINUTES, given: 10 },
    ],
  },
];

/** A field in the daemon's limits, in the unit of the page; a limit of its own counts more. */
function limited(kind, field) {
  const limits = Object.entries(COMMAND_LIMITS[kind]?.[field.name] ?? {});
  return {
    ...Object.fromEntries(limits.map(([end, value]) => [end, Math.floor(value / (field.factor ?? 1))])),
    ...field,
  };
}

export const CONTROLS = TABLE.map((row) => ({ ...row, fields: row.fields.map((field) => limited(row.kind, field)) }));

// The commands that the page of controls offers, each a row: what it is called, what it asks for, and in which limits.

const whole = (name, label, min, max, given, unit = "") => ({
  name,
  label,
  type: "number",
  step: 1,
  min,
  max,
  given,
  unit,
});
const number = (name, label, min, max, unit, given = "") => ({
  name,
  label,
  type: "number",
  step: "any",
  min,
  max,
  unit,
  given,
});
const choice = (name, label, choices) => ({ name, label, choices });

export const PROFILES = ["r11", "n-butane", "r114", "r123", "isopentane", "nc5f12", "r11-low", "r11-spring"];
export const FAULTS = ["none", "occlusion", "catheter_loose", "leak", "warm_pocket"];
const MINUTES = { ...number("duration_s", "For", 0, 527040, "min, pump time", 30), factor: 60 };

export const CONTROLS = [
  { kind: "identify", title: "Identify", go: "Identify", says: "The board blinks, so that you find it.", fields: [] },
  {
    kind: "refill",
    title: "Refill",
    go: "Refill",
    says: "Empties the reservoir and fills it.",
    sure: "Refill now?",
    fields: [{ ...number("volume_ml", "Volume", 0.1, 100, "mL"), hint: "full" }],
  },
  {
    kind: "rate",
    title: "Readings",
    go: "Set the rate",
    says: "How often it is measured.",
    fields: [whole("rate_hz", "Rate", 1, 100, 10, "a second")],
  },
  {
    kind: "speed",
    title: "Speed",
    go: "Set the speed",
    says: "Pump time against ours.",
    fields: [whole("speed_x", "Speed", 1, 600, 1, "times")],
  },
  {
    kind: "profile",
    title: "Profile",
    go: "Change the pump",
    says: "Becomes another pump.",
    sure: "Make it another pump?",
    fields: [choice("profile", "Pump", PROFILES)],
  },
  {
    kind: "environment",
    title: "Exposure",
    go: "Expose",
    says: "Heat, cold or pressure about the body for a time; empty fields stay as they are. 0 min ends it.",
    fields: [
      MINUTES,
      number("skin_c", "Skin", 0, 50, "°C"),
      number("core_c", "Core", 30, 45, "°C"),
      number("ambient_kpa", "Ambient", 20, 1000, "kPa"),
      number("outlet_kpa", "At the catheter", 0, 100, "kPa"),
    ],
  },
  {
    kind: "fault",
    title: "Fault, for trainers",
    go: "Break it",
    says: "Breaks the emulated pump for a time.",
    sure: "Break the emulated pump?",
    fields: [
      choice("fault", "Fault", FAULTS),
      number("magnitude", "Size", 0, 1, "0 to 1", 1),
      { ...MINUTES, given: 10 },
    ],
  },
];

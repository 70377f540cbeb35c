// The lines of the pump page. What was measured is drawn through; what the emulator computed is dashed and named modelled.

import { MEASURED, MODELLED } from "../core/texts.js";

const line = (key, plot, label, kind, colour, dash, csv) => ({ key, plot, label, kind, colour, dash, csv });

export const SERIES = [
  line("flow", "flow", "metered", MEASURED, "series-flow", [], "flow_ul_h"),
  line("true_flow", "flow", "flow", MODELLED, "series-a", [7, 4], "modelled_flow_ul_h"),
  line("probe", "temp", "probe", MEASURED, "series-probe", [], "probe_c"),
  line("skin", "temp", "skin", MODELLED, "series-b", [2, 3], "modelled_skin_c"),
  line("core", "temp", "core", MODELLED, "series-c", [10, 3, 2, 3], "modelled_core_c"),
  line("pump", "temp", "pump", MODELLED, "series-a", [7, 4], "modelled_pump_c"),
  line("ambient", "pressure", "ambient", MEASURED, "series-flow", [], "ambient_kpa"),
  line("vapour", "pressure", "vapour", MODELLED, "series-b", [2, 3], "modelled_vapour_kpa"),
  line("drive", "pressure", "drive", MODELLED, "series-a", [7, 4], "modelled_drive_kpa"),
  line("outlet", "pressure", "outlet", MODELLED, "series-c", [10, 3, 2, 3], "modelled_outlet_kpa"),
  line("excess", "delivered", "delivered minus nominal", MEASURED, "series-flow", [], "delivered_minus_nominal_ul"),
  line("delivered", "delivered", "delivered", MEASURED, "series-c", [10, 3, 2, 3], "delivered_ul"),
  line("nominal", "delivered", "nominal, at the reference rate", "reckoned", "dim", [2, 3], "nominal_ul"),
];
// lowest and highest of each span, where spans are shown
export const EDGES = { flow: ["flow_lo", "flow_hi"], probe: ["probe_lo", "probe_hi"] };

// column of a message: column of a frame
export const OF_RAW = {
  flow_ul_h: "flow",
  probe_c: "probe",
  ambient_kpa: "ambient",
  delivered_ul: "total",
  nominal_ul_h: "nominal_rate",
};
export const OF_SPANS = {
  flow_mean_ul_h: "flow",
  flow_min_ul_h: "flow_lo",
  flow_max_ul_h: "flow_hi",
  probe_mean_c: "probe",
  probe_min_c: "probe_lo",
  probe_max_c: "probe_hi",
  delivered_ul: "total",
  nominal_ul_h: "nominal_rate",
};
export const OF_TRUTH = {
  skin_c: "skin",
  core_c: "core",
  pump_c: "pump",
  vapour_kpa: "vapour",
  drive_kpa: "drive",
  outlet_kpa: "outlet",
  flow_ul_h: "true_flow",
};
export const FRAME = [
  ...new Set([
    "time_s",
    ...Object.values(OF_RAW),
    ...Object.values(OF_SPANS),
    ...Object.values(OF_TRUTH),
    "delivered",
    "nominal",
    "excess",
  ]),
];

export const ofPlot = (plot) => SERIES.filter((series) => series.plot === plot);

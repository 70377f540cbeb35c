// Readings out of the daemon's journal, as columns. One question at a time for each asker; a newer one takes its place.

import { iso } from "../core/format.js";
import { unpacked } from "../core/live_socket.js";
import { model, SPARK_S } from "../core/store.js";

export const POINTS = 4000;

/** A block of a pump between two moments (Unix seconds), as the live feed has them. Throws where the daemon cannot. */
export async function readings(pump, fromS, toS, points = POINTS, signal) {
  const asked = new URLSearchParams({ pump, from: iso(fromS), to: iso(toS), points, format: "columns" });
  const answer = await fetch(`/api/readings?${asked}`, { signal });
  if (!answer.ok) throw new Error(`history: ${answer.status} ${await answer.text()}`);
  return unpacked(await answer.arrayBuffer()).blocks[0];
}

/** A pump's sparkline from the journal, then what came live meanwhile; again after a hole. */
export async function fillSpark(pump) {
  const nowS = model.nowS();
  const block = await readings(pump, nowS - SPARK_S, nowS, SPARK_S);
  const flow = block.columns.flow_mean_ul_h ?? block.columns.flow_ul_h;
  const ring = model.spark(pump);
  const late = ring.from((block.n ? block.columns.time_s[block.n - 1] : -Infinity) + 1e-3);
  const kept = Object.fromEntries(ring.names.map((name) => [name, ring.columns[name].slice(late, ring.n)]));
  ring.clear();
  ring.push({ time_s: block.columns.time_s, flow_mean_ul_h: flow });
  ring.push(kept);
}

/** Sparklines of many pumps, one after another: fifty questions at once would be rude. */
export async function fillSparks(pumps) {
  for (const pump of pumps) await fillSpark(pump).catch(() => {}); // live seconds fill it, too
}

// What the pages know: the table of pumps, alarms, seconds of every pump, the clock of the daemon, who may command.
// It draws nothing; whoever draws listens.

import { known, seconds } from "./format.js";
import { limitsOf } from "./limits.js";
import { Wire } from "./live_socket.js";
import { pageNowS } from "./now.js";
import { Ring } from "./ring_buffer.js";
import { ALARM_STATES, NOT_LIVE } from "./texts.js";
import { LEVEL_NAMES, STALE_S } from "./vocabulary.js";

export const SPARK_S = 300;
const SPARK_NAMES = ["time_s", "flow_mean_ul_h"];
const HEARD_LINKS = ["ok", "crc storm"]; // readings come in these

const HIDDEN = ["shelved", "suppressed"];
const NOTHING = {
  rank: 0,
  mark: "○",
  word: "no level yet",
  hollow: false,
  alarm: "",
  text: "",
  headline: "",
  likely: "",
  quality: "",
};
const isRaised = ({ state }) => !HIDDEN.includes(state) && (ALARM_STATES[state]?.open ?? true);

class Model extends EventTarget {
  pumps = new Map(); // name: {link, last, says, rig, limits, seenMs}
  alarms = []; // the worst first, as the daemon orders them
  scenarios = {}; // by pump: the one that was played last
  sparks = new Map();
  me = { commands: false, user: "" };
  met = false; // whether the daemon has said who we are
  connection = "connecting";
  offsetS = 0; // the daemon's clock less this computer's
  #raised = new Map(); // by pump: alarms that are open and on no shelf, the worst first
  #looked = false; // whether a table came on this connection

  start() {
    this.wire = new Wire(this);
    fetch("/api/me")
      .then(async (answer) => {
        if (answer.ok) this.me = await answer.json();
        else if (answer.status === 401)
          location.assign(`/login?next=${encodeURIComponent(location.pathname + location.search)}`);
        this.met = true;
        this.#tell("me");
      })
      .catch(() => {});
  }

  /** The daemon's time now, Unix seconds. */
  nowS() {
    return pageNowS() + this.offsetS;
  }

  said(message) {
    if (message.now_s) this.offsetS = message.now_s - pageNowS();
    if (message.pumps) this.#table(message.pumps);
    if (message.alarms) {
      this.alarms = message.alarms;
      this.#raised = Map.groupBy(message.alarms.filter(isRaised), ({ pump }) => pump);
      this.#tell("alarms");
    }
    if (message.scenarios) {
      this.scenarios = message.scenarios;
      this.#tell("scenarios");
    }
    if (message.lost) this.#tell("hole");
  }

  came({ blocks, news = [] }) {
    for (const block of blocks) if (block.kind === "spans") this.spark(block.pump).push(block.columns);
    this.#tell("blocks", blocks);
    if (news.length) this.#tell("news", news);
  }

  is(state) {
    const was = this.connection;
    this.connection = state;
    if (state !== "open") this.#looked = false;
    this.#tell("connection");
    if (state === "open" && was === "away") this.#tell("hole");
  }

  spark(pump) {
    if (!this.sparks.has(pump)) this.sparks.set(pump, new Ring(SPARK_NAMES, SPARK_S));
    return this.sparks.get(pump);
  }

  /** Whether a pump's values are live, and if not why; what the daemon says of it; and its rank in a list: the worst is the
   *  highest. */
  judged(name) {
    const pump = this.pumps.get(name);
    const link = pump?.link;
    const last = pump?.last;
    const ageS = last ? Math.max(0, (performance.now() - pump.seenMs) / 1000) : Infinity;
    const linked = !link || HEARD_LINKS.includes(link.link ?? link.status);
    const live = this.connection === "open" && linked && ageS <= STALE_S;
    const says = pump?.says ?? NOTHING;
    const alarms = this.#raised.get(name) ?? [];
    const worstName = says.hollow ? "cleared" : last?.level || says.rank ? (LEVEL_NAMES[says.rank] ?? "low") : "none";
    const rank = live ? says.rank + (says.hollow ? 0.25 : 0) : Math.max(NOT_LIVE.rank + 0.5, says.rank);
    const sizePercent = live && known(last?.deviation_percent) ? Math.abs(last.deviation_percent) : 0;
    return {
      live,
      ageS,
      says,
      worstName,
      alarms,
      rank,
      sizePercent,
      linked,
      link,
      last,
      rig: pump?.rig,
      limits: limitsOf(pump),
    };
  }

  worstFirst() {
    const judged = new Map([...this.pumps.keys()].map((name) => [name, this.judged(name)]));
    const by = (name, what) => judged.get(name)[what];
    return [...judged.keys()].sort(
      (a, b) =>
        by(b, "rank") - by(a, "rank") ||
        (by(a, "rank") > 0 && by(b, "sizePercent") - by(a, "sizePercent")) ||
        a.localeCompare(b, "en", { numeric: true }),
    );
  }

  /** The worst alarm of a pump that is not in the table: one of an earlier day whose board was not seen since. */
  strayAlarm() {
    return this.alarms.find((alarm) => isRaised(alarm) && !this.pumps.has(alarm.pump));
  }

  #table(pumps) {
    for (const name of this.pumps.keys()) if (!(name in pumps)) this.pumps.delete(name);
    for (const [name, { link, last, says, rig, limits }] of Object.entries(pumps)) {
      const before = this.pumps.get(name);
      const same = before?.last && last && before.last.boot === last.boot && before.last.sequence === last.sequence;
      this.pumps.set(name, {
        link,
        last,
        says,
        rig,
        limits,
        seenMs: same ? before.seenMs : this.#seenMs(before, last),
      });
    }
    this.#looked = true;
    this.#tell("table");
  }

  /** A value that came while we looked is as old as that; one that was there already, or came while nobody was connected,
   *  is as old as it says. */
  #seenMs(before, last) {
    const ageS = this.#looked && before?.last ? 0 : this.nowS() - seconds(last?.time);
    return performance.now() - (known(ageS) ? Math.max(0, ageS) * 1000 : 0);
  }

  #tell(what, detail) {
    this.dispatchEvent(new CustomEvent(what, { detail }));
  }
}

export const model = new Model();

// The stage as the daemon has it: its state and samples by WebSocket, its shelf of lessons and the deeds by HTTP. What
// is shown is what was last said; nothing is reckoned ahead here.

import { toLogin } from "../core/redirect_to_login.js";

const WAITS_S = [0.3, 0.5, 1, 2, 4];
const MOST = 4000; // samples that are kept: a screen shows no more

/** Asks the daemon: what it says, or an error with its own words. */
export async function asked(path, given) {
  const how =
    given === undefined
      ? {}
      : { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(given) };
  let answer;
  try {
    answer = await fetch(`/api/train/${path}`, how);
  } catch {
    throw new Error("no connection to the daemon");
  }
  const said = await answer.json().catch(() => ({}));
  if (answer.ok) return said;
  throw new Error(typeof said.detail === "string" ? said.detail : `${answer.status}`);
}

/** Fires "state", "samples", "shelf" and "connection". */
class Stage extends EventTarget {
  state = null;
  connection = "connecting";
  samples = { t_s: [], columns: {} };
  #tries = 0;
  #before = new Map();

  /** `as` is "instructor" or "trainee". */
  start(as) {
    this.as = as;
    this.#connect();
  }

  /** Does a deed; false if it was refused, and then "refused" tells why. */
  async deed(name, given = {}) {
    try {
      await asked(`deeds/${name}`, given);
      this.#fire("refused", "");
      return true;
    } catch (error) {
      this.#fire("refused", error.message);
      return false;
    }
  }

  /** What is known of a lesson before its run; asked for once. */
  before(name) {
    if (!this.#before.has(name)) {
      const coming = asked(`lessons/${encodeURIComponent(name)}`);
      coming.catch(() => this.#before.delete(name));
      this.#before.set(name, coming);
    }
    return this.#before.get(name);
  }

  #connect() {
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const socket = new WebSocket(
      `${scheme}://${location.host}/train/live${this.as === "instructor" ? "?as=instructor" : ""}`,
    );
    socket.onopen = () => {
      this.#tries = 0;
      this.#is("open");
    };
    socket.onmessage = ({ data }) => this.#hear(JSON.parse(data));
    socket.onclose = () => {
      this.#is("away");
      if (this.#tries > 0) toLogin();
      setTimeout(() => this.#connect(), WAITS_S[Math.min(this.#tries, WAITS_S.length - 1)] * 1000);
      this.#tries += 1;
    };
  }

  #hear(said) {
    if (said.kind === "state") this.state = said;
    if (said.kind === "samples") this.#keep(said);
    if (said.kind === "shelf") this.#before.clear();
    this.#fire(said.kind, said);
  }

  #keep({ t_s, columns, from_start: anew }) {
    const kept = this.samples;
    if (anew) {
      kept.t_s = [];
      kept.columns = {};
    }
    const room = kept.t_s.length;
    kept.t_s.push(...t_s);
    for (const [name, values] of Object.entries(columns)) {
      kept.columns[name] ??= new Array(room).fill(null);
      kept.columns[name].push(...values);
    }
    if (kept.t_s.length <= MOST) return;
    const every = (values) => values.filter((_, at) => at % 2 === 0 || at === values.length - 1);
    kept.t_s = every(kept.t_s);
    for (const name of Object.keys(kept.columns)) kept.columns[name] = every(kept.columns[name]);
  }

  #is(connection) {
    this.connection = connection;
    this.#fire("connection", connection);
  }

  #fire(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}

export const stage = new Stage();

// The WebSocket: connects, reads what comes, connects again. It says when it is away, and never pretends.
//
// Binary messages: u32 length of the header | header, JSON | float64 columns, all little-endian (blocks.py).

import { toLogin } from "./redirect_to_login.js";

const WAITS_S = [0.5, 1, 2, 4, 5];
const SILENT_S = 4; // the table comes twice a second: longer silence is no connection

/** Header and blocks of a binary message; the columns are views into it. */
export function unpacked(buffer) {
  const length = new DataView(buffer).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length)));
  let at = 4 + length;
  const blocks = header.blocks.map((said) => {
    const columns = {};
    for (const name of said.columns) {
      columns[name] = new Float64Array(buffer, at, said.n);
      at += 8 * said.n;
    }
    return { ...said, columns };
  });
  return { ...header, blocks };
}

export class Wire {
  #tries = 0;
  #watched = null;
  #socket = null;
  #heardMs = 0;

  /** `hears` has `said(object)`, `came({blocks, news})` and `is(state, detail)`. */
  constructor(hears) {
    this.hears = hears;
    this.state = "connecting";
    setInterval(() => this.#lookAfter(), 1000);
    addEventListener("online", () => this.#again(0));
    this.#connect();
  }

  /** The pump whose raw readings are wanted; null for none. */
  watch(pump) {
    this.#watched = pump;
    this.#tell();
  }

  #connect() {
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const socket = new WebSocket(`${scheme}://${location.host}/live`);
    socket.binaryType = "arraybuffer";
    socket.onopen = () => {
      this.#tries = 0;
      this.#heardMs = performance.now();
      this.#is("open");
      this.#tell();
    };
    socket.onmessage = ({ data }) => {
      this.#heardMs = performance.now();
      if (typeof data === "string") this.hears.said(JSON.parse(data));
      else this.hears.came(unpacked(data));
    };
    socket.onclose = () => socket === this.#socket && this.#again();
    this.#socket = socket;
  }

  #again(waitS = WAITS_S[Math.min(this.#tries, WAITS_S.length - 1)]) {
    if (this.timer || this.#socket?.readyState < 2) return;
    this.#tries += 1;
    this.#is("away");
    if (this.#tries > 1) toLogin();
    this.timer = setTimeout(() => {
      this.timer = null;
      this.#connect();
    }, waitS * 1000);
  }

  #lookAfter() {
    if (this.state !== "open" || performance.now() - this.#heardMs < SILENT_S * 1000) return;
    const silent = this.#socket;
    this.#socket = null;
    silent.close();
    this.#again();
  }

  #tell() {
    if (this.#socket?.readyState === 1) this.#socket.send(JSON.stringify({ watch: this.#watched }));
  }

  #is(state) {
    this.state = state;
    this.hears.is(state);
  }
}

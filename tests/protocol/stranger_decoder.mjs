// A decoder by somebody who has only docs/protocol.md: it imports nothing of this project and reads the page's tables.
//
// node stranger_decoder.mjs vectors PAGE GOLDEN: decodes all vectors; prints what failed and how many were checked.
// node stranger_decoder.mjs live PAGE: a host. Standard input is what a board sends, standard output what it is sent;
// on standard error one JSON object says what came, after enough of it or after 20 s.
//
// What the page leaves open: nothing that this program needs. What it left open is now on the page.
import fs from "node:fs";
import { TextDecoder } from "node:util";

const MAX_BODY = 1033, MAX_PAYLOAD = 1024, MAX_LINE = 1372, MAJOR = 2;
const SIZES = { u8: 1, u16: 2, u32: 4, u64: 8, i8: 1, i16: 2, i32: 4, i64: 8 };
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

// --- the page -------------------------------------------------------------------------------------------------------

export function readPage(text) {
  const types = new Map(), names = new Map();
  let fields = null;
  for (const line of text.split("\n")) {
    const heading = /^#### 0x([0-9A-F]{2}) (\w+)$/.exec(line);
    if (heading) {
      fields = [];
      const message = { type: parseInt(heading[1], 16), name: heading[2], fields };
      types.set(message.type, message);
      names.set(message.name, message);
      continue;
    }
    if (line.startsWith("## Codes")) fields = null;
    const row = /^\| (\d+) \| (\w+) \| ([^|]+) \| (.*) \|$/.exec(line);
    if (!row || !fields) continue;
    const absent = /\*\*(-?\d+): absent\.\*\*/.exec(row[4]);
    const field = { offset: Number(row[1]), name: row[2], kind: row[3], mayMiss: row[4].includes("May be missing") };
    field.absent = absent ? BigInt(absent[1]) : null;
    if (field.name !== "type") fields.push(field);
  }
  const layout = Number(/^The layout of all tables of this page: (\d+) /m.exec(text)[1]);
  return { types, names, layout };
}

// --- framing --------------------------------------------------------------------------------------------------------

const CRC_TABLE = Array.from({ length: 256 }, (_, n) => {
  for (let bit = 0; bit < 8; bit++) n = n & 1 ? (n >>> 1) ^ 0xedb88320 : n >>> 1;
  return n >>> 0;
});

export function crc32(data) {
  let crc = 0xffffffff;
  for (const byte of data) crc = (crc >>> 8) ^ CRC_TABLE[(crc ^ byte) & 0xff];
  return (crc ^ 0xffffffff) >>> 0;
}

function uncobs(body) {
  const out = [];
  let at = 0;
  while (at < body.length) {
    const code = body[at];
    if (code === 0 || at + code > body.length) return null;
    for (let i = at + 1; i < at + code; i++) out.push(body[i]);
    at += code;
    if (code !== 0xff && at < body.length) out.push(0);
  }
  return Buffer.from(out);
}

// a payload, or the cause why there is none
function checked(data) {
  if (data.length < 5) return "short";
  if (crc32(data.subarray(0, -4)) !== data.readUInt32LE(data.length - 4)) return "crc";
  return data.length - 4 > MAX_PAYLOAD ? "oversize" : data.subarray(0, -4);
}

function readable(body) {
  const good = body.filter((byte) => (byte >= 32 && byte < 127) || [13, 10, 9].includes(byte)).length;
  return body.length >= 4 && good >= 0.95 * body.length;
}

function unframe(body) {
  if (body.length > MAX_BODY) return "oversize";
  const data = uncobs(body);
  const payload = data === null ? "cobs" : checked(data);
  return typeof payload === "string" && payload !== "oversize" && readable(body) ? "text" : payload;
}

export function unline(line) {
  if (line.length > MAX_LINE) return "oversize";
  const data = Buffer.from(line.toString("latin1"), "base64");
  return data.toString("base64") === line.toString("latin1") ? checked(data) : "base64";
}

// --- payloads -------------------------------------------------------------------------------------------------------

function number(payload, offset, kind) {
  let value = 0n;
  for (let i = SIZES[kind] - 1; i >= 0; i--) value = (value << 8n) | BigInt(payload[offset + i]);
  return kind[0] === "i" ? BigInt.asIntN(8 * SIZES[kind], value) : value;
}

function words(bytes) {
  try {
    return utf8.decode(bytes);
  } catch {
    return null;
  }
}

// {name, values}, or the cause why there are none
export function decode(payload, page) {
  const message = page.types.get(payload[0]);
  if (!message) return "unknown";
  if (message.name === "Hello" && payload.length > 1 && payload[1] !== MAJOR) return "version";
  const values = {};
  for (const { offset, name, kind, absent, mayMiss } of message.fields) {
    if (mayMiss && offset === payload.length) {
      for (const field of message.fields.filter((each) => each.offset >= offset)) values[field.name] = null;
      break;
    }
    const fixed = /^(text|bytes)\[(\d+)\]$/.exec(kind);
    const size = kind.startsWith("u16 length") ? 2 : fixed ? Number(fixed[2]) : SIZES[kind];
    if (offset + size > payload.length) return "length";
    if (kind.startsWith("u16 length")) {
      const length = Number(number(payload, offset, "u16"));
      if (offset + 2 + length > payload.length) return "value";
      values[name] = words(payload.subarray(offset + 2, offset + 2 + length));
    } else if (fixed) {
      let piece = payload.subarray(offset, offset + size);
      if (fixed[1] === "bytes") {
        values[name] = Buffer.from(piece);
        continue;
      }
      while (piece.length && piece[piece.length - 1] === 0) piece = piece.subarray(0, -1);
      values[name] = words(piece);
    } else {
      const found = number(payload, offset, kind);
      values[name] = absent !== null && found === absent ? null : found;
      continue;
    }
    if (values[name] === null) return "value";
  }
  return { name: message.name, values };
}

export function encode(name, values, page) {
  const message = page.names.get(name);
  const parts = [Buffer.from([message.type])];
  for (const field of message.fields) {
    if (field.kind.startsWith("u16 length")) {
      const text = Buffer.from(values[field.name], "utf-8");
      parts.push(Buffer.from([text.length & 0xff, text.length >> 8]), text);
      continue;
    }
    const size = SIZES[field.kind];
    const value = BigInt.asUintN(8 * size, BigInt(values[field.name] ?? field.absent));
    parts.push(Buffer.from(Array.from({ length: size }, (_, i) => Number((value >> BigInt(8 * i)) & 0xffn))));
  }
  return Buffer.concat(parts);
}

export function commandLine(payload) {
  const crc = Buffer.alloc(4);
  crc.writeUInt32LE(crc32(payload));
  return "\n" + Buffer.concat([payload, crc]).toString("base64") + "\n";
}

// bytes in any pieces; gives {payload}, or {cause}, of each body that ended
export class Frames {
  rest = Buffer.alloc(0);
  feed(data) {
    const all = Buffer.concat([this.rest, data]);
    const out = [];
    let start = 0;
    for (let zero = all.indexOf(0); zero >= 0; zero = all.indexOf(0, start)) {
      if (zero > start) {
        const found = unframe(all.subarray(start, zero));
        out.push(typeof found === "string" ? { cause: found } : { payload: found });
      }
      start = zero + 1;
    }
    this.rest = all.subarray(start);
    // one byte more than a body may have is enough to know that it is too long
    if (this.rest.length > MAX_BODY + 1) this.rest = this.rest.subarray(0, MAX_BODY + 1);
    return out;
  }
}

// --- the vectors ----------------------------------------------------------------------------------------------------

const plain = (value) => (typeof value === "bigint" ? value.toString() : Buffer.isBuffer(value) ? "hex:" + value.toString("hex") : value);
const listed = (value) => (typeof value === "number" ? String(value) : value);

function vectors(page, golden) {
  const failed = [], count = {};
  const take = (sender, framed) => {
    if (sender === "host") return unline(framed.subarray(1, -1));
    const [found] = new Frames().feed(framed);
    return found.cause ?? found.payload;
  };
  const wants = (frame, values) => {
    const payload = take(frame.sender, Buffer.from(frame.framed.replaceAll(" ", ""), "hex"));
    const got = typeof payload === "string" ? payload : decode(payload, page);
    if (typeof got === "string" || got.name !== frame.message) return failed.push([frame.name, got]);
    for (const [name, value] of Object.entries(values))
      if (plain(got.values[name]) !== listed(value)) failed.push([frame.name, name, plain(got.values[name]), value]);
  };
  for (const frame of golden.frames) {
    wants(frame, Object.fromEntries(frame.fields.slice(1).map(([name, , value]) => [name, value])));
    count.frames = (count.frames ?? 0) + 1;
  }
  for (const frame of golden.tolerated) {
    wants(frame, frame.values);
    count.tolerated = (count.tolerated ?? 0) + 1;
  }
  for (const frame of golden.dropped) {
    const payload = take(frame.sender, Buffer.from(frame.framed.replaceAll(" ", ""), "hex"));
    const cause = typeof payload === "string" ? payload : decode(payload, page);
    if (cause !== frame.cause) failed.push([frame.name, cause, frame.cause]);
    count.dropped = (count.dropped ?? 0) + 1;
  }
  console.log(JSON.stringify({ failed, count }));
}

// --- a live board ---------------------------------------------------------------------------------------------------

const READINGS = 60, END_MS = 20000;

function live(page) {
  const frames = new Frames();
  const seen = { messages: {}, dropped: {}, records: 0, gaps: 0, holes: 0, answers: {}, withdrawn_ul: [], schema: [] };
  const said = {};
  let boot = null, expected = 1, next = 1;
  const send = (name, values = {}) => process.stdout.write(commandLine(encode(name, values, page)));
  const ask = (name, values = {}, again = false) => {
    const request_id = next++;
    said[request_id] = name;
    for (let i = 0; i < (again ? 2 : 1); i++) send(name, { request_id, ...values });
  };
  const end = (why) => {
    console.error(JSON.stringify({ why, ...seen }));
    process.exit(0);
  };
  const record = (name, v) => {
    if (Number(v.sequence) < expected) return;
    if (Number(v.sequence) > expected) {
      seen.holes++;
      return send("ResendFrom", { request_id: 0, ...boot, sequence: expected });
    }
    expected++;
    seen.records++;
    if (name === "Event" && v.code === 7n) seen.withdrawn_ul.push(Number(v.value));
    if (seen.records % 20 === 0) send("AckThrough", { request_id: 0, ...boot, sequence: expected - 1 });
  };
  const begin = (v) => {
    if (boot) return;
    boot = { boot_count: v.boot_count, boot_random: v.boot_random };
    seen.layout = v.layout === null || Number(v.layout) === page.layout;
    seen.rig_name = v.rig_name;
    send("ResendFrom", { request_id: 0, ...boot, sequence: 1 });
    ask("RequestSummaries", { ...boot, minute: 0 });
    ask("Ping");
    ask("GetConfig", { key: "rate_hz" });
    ask("GetSchema", { first: 0 });
    ask("Withdraw", { volume_nl: 1000000 }, true); // the same request twice: carried out once
    ask("AckThrough", { ...boot, sequence: 4000000000 }); // never sent
    ask("InjectFault", { fault: 2, magnitude_permille: 500, duration_s: 60 });
  };
  process.stdin.on("data", (data) => {
    for (const { cause, payload } of frames.feed(data)) {
      const got = cause ?? decode(payload, page);
      if (typeof got === "string") {
        seen.dropped[got] = (seen.dropped[got] ?? 0) + 1;
        continue;
      }
      const { name, values: v } = got;
      seen.messages[name] = (seen.messages[name] ?? 0) + 1;
      if (name === "Hello") begin(v);
      else if (!boot) continue;
      else if (name === "Telemetry" || name === "Event") record(name, v);
      else if (name === "Truth") seen.faults = Number(v.faults);
      else if (name === "Gap" && v.boot_count === boot.boot_count && v.last >= expected) {
        seen.gaps++;
        expected = Number(v.last) + 1;
      } else if (name === "Ack" || name === "Nack") {
        const command = said[Number(v.request_id)] ?? "?";
        (seen.answers[command] ??= []).push(name === "Ack" ? v.text : { error: Number(v.error), text: v.text });
        if (command === "GetSchema") {
          const found = JSON.parse(v.text);
          seen.schema.push(...found.keys.map((each) => each.key));
          if (found.keys.length) ask("GetSchema", { first: found.first + found.keys.length });
          else seen.schemaTotal = found.total;
        }
      }
    }
    if (seen.records >= READINGS && seen.schemaTotal !== undefined) end("enough");
  });
  process.stdin.on("end", () => end("the board is gone"));
  const hello = () => boot || ask("HelloRequest", { session: 0xc0ffee });
  hello();
  setInterval(hello, 1000);
  setTimeout(() => end("time"), END_MS);
}

const [mode, pagePath, goldenPath] = process.argv.slice(2);
const page = readPage(fs.readFileSync(pagePath, "utf-8"));
if (mode === "vectors") vectors(page, JSON.parse(fs.readFileSync(goldenPath, "utf-8")));
else live(page);

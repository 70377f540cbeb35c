// A board's prompt in MicroPython's WebAssembly port: `node prompt_on_wasm.mjs PORT`, a folder that holds
// micropython.mjs. It reads what raw_repl_on_unix_port.py writes: the length of the code, the code, then the payload up
// to the length that stands in the second number. The flash is the port's own file system, in memory.
import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";

const { loadMicroPython } = await import(pathToFileURL(path.join(process.argv[2], "micropython.mjs")));
const say = (text) => fs.writeSync(1, text);
const port = await loadMicroPython({ heapsize: 2 * 1024 * 1024, linebuffer: true, stdout: (line) => say(`${line}\n`) });
// What the code reads is a file, since standard input would be read as text.
port.runPython(`
import io, json, sys
class Sys: pass
fake, _sys = Sys(), sys
for name in dir(sys): setattr(fake, name, getattr(sys, name))
fake.stdin = Sys()
sys.modules["sys"] = fake
def run(code, scope={}):
    fake.stdin.buffer = open("/tmp/payload", "rb")
    try:
        exec(code, scope)
        print("\\x04")
    except Exception as error:
        text = io.StringIO()
        _sys.print_exception(error, text)
        print("\\x04" + json.dumps(text.getvalue()))
`);

function exactly(count) {
    const buffer = Buffer.alloc(count);
    for (let at = 0; at < count; ) {
        const got = fs.readSync(0, buffer, at, count - at, null);
        if (got === 0) process.exit(0);
        at += got;
    }
    return buffer;
}

function number() {
    let digits = "";
    for (let next = exactly(1).toString(); next !== "\n"; next = exactly(1).toString()) digits += next;
    return Number(digits);
}

for (;;) {
    const [code, payload] = [number(), number()].map(exactly);
    port.FS.writeFile("/tmp/payload", payload);
    port.globals.get("run")(code.toString());
}

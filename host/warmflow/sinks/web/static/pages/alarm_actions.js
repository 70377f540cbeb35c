// What a person does about an alarm: acknowledge, shelve for a time, bring back, unlatch, comment; under a name. They go the way of all requests, and the daemon's refusal is shown in its own words.

import { el } from "../core/dom.js";
import { yourName } from "../core/operator_name.js";

const SHELF_MIN = [
  ["10 min", 10],
  ["1 h", 60],
  ["8 h", 480],
];
const ACK_STATES = ["unacknowledged", "returned unacknowledged"];

const UNDO_MS = 5000;

/** `told(words)` hears what went wrong, or ""; in `done` an acknowledgement is said, and taken back. */
export function deeds(told, done) {
  const name = yourName("your-name");

  /** Whether it was done. */
  async function act(kind, { pump, id }, more = {}) {
    const by = name.said();
    if (!by) {
      told("Enter your name; it is recorded with your answer.");
      return false;
    }
    const [good, said] = await ask(kind, { pump, id, by, ...more });
    told(good ? "" : `not done: ${said}`);
    if (good && kind === "acknowledge") offerUndo({ pump, id }, said.alarm);
    return good;
  }

  let fading = null;
  function offerUndo(alarm, { title }) {
    const undo = () => {
      done.hidden = true;
      act("undo_acknowledge", alarm);
    };
    done.replaceChildren(
      `Acknowledged ${alarm.pump}: ${title} `,
      el("button", { type: "button", onclick: undo }, "Undo"),
    );
    done.hidden = false;
    clearTimeout(fading);
    fading = setTimeout(() => {
      done.hidden = true;
    }, UNDO_MS);
  }

  /** The button alone, for a page that offers no other answer. */
  const acknowledge = (alarm) =>
    el("button", { type: "button", onclick: () => act("acknowledge", alarm) }, "Acknowledge");
  return { name: name.nodes, ask, acknowledge, buttons: (alarm) => buttons(alarm, act) };
}

/** Whether it was done, with its data or its error. */
export async function ask(kind, fields) {
  try {
    const answer = await fetch(`/api/requests/${kind}`, { method: "POST", body: JSON.stringify(fields) });
    const said = await answer.json();
    return said.status === "ok" ? [true, said.data] : [false, said.error ?? said.detail ?? `${answer.status}`];
  } catch {
    return [false, "no connection to the daemon"];
  }
}

function buttons(alarm, act) {
  const button = (label, kind) =>
    el("button", { type: "button", "data-deed": kind, onclick: () => act(kind, alarm) }, label);
  const all = {
    acknowledge: button("Acknowledge", "acknowledge"),
    unlatch: button("Unlatch", "unlatch"),
    unshelve: button("Unshelve", "unshelve"),
  };
  const shelf = el(
    "select",
    { "aria-label": `Shelve this alarm of ${alarm.pump}` },
    el("option", { value: "" }, "Shelve for …"),
    ...SHELF_MIN.map(([label, minutes]) => el("option", { value: minutes }, label)),
  );
  shelf.addEventListener("change", () => {
    if (shelf.value) act("shelve", alarm, { minutes: Number(shelf.value) });
    shelf.value = "";
  });
  const words = el("input", {
    type: "text",
    maxlength: 300,
    placeholder: "Comment",
    "aria-label": `Comment on this alarm of ${alarm.pump}`,
    required: true,
  });
  const send = async (event) => {
    event.preventDefault();
    const text = words.value;
    if ((await act("comment", alarm, { text })) && words.value === text) words.value = ""; // what was not kept is not lost
  };
  const comment = el("form", { class: "inline", onsubmit: send }, words, el("button", {}, "Add"));
  function set({ state }) {
    all.acknowledge.hidden = !ACK_STATES.includes(state);
    all.unlatch.hidden = state !== "latched";
    all.unshelve.hidden = state !== "shelved";
    shelf.hidden = ["shelved", "suppressed", "normal"].includes(state);
  }
  return { nodes: [...Object.values(all), shelf, comment], set };
}

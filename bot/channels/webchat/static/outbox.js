// What the citizen wrote and the server has not yet shown back. One message leaves at a time, in order; each keeps
// its id however often it is sent, so that the server keeps it once.

const MOST_WAITS = 5;
const KEY = "outbox";

/**
 * waiting → sending → accepted; busy (told to wait); offline (not tried); failed (tried); refused (never to be tried).
 * @typedef {"waiting" | "sending" | "accepted" | "busy" | "offline" | "failed" | "refused"} State
 * @typedef {{id: string, body: Record<string, any>, state: State, seconds: number, reason: import("./api.js").Reason, waits: number,
 *   wasResent: boolean}} Item
 */

/**
 * @param {{send: (message: object) => Promise<import("./api.js").Sent>, isOnline: () => boolean, memory: import("./memory.js").Memory,
 *   onChange: (item: Item) => void, onFailure: () => void}} parts
 */
export function createOutbox({ send, isOnline, memory, onChange, onFailure }) {
  /** @type {Item[]} */
  let items = [];
  let isDraining = false;
  /** Ends the wait that the server asked for. */
  let endPause = () => {};

  function save() {
    const unsent = items.filter((item) => item.state !== "accepted");
    memory.set(KEY, JSON.stringify(unsent.map(({ id, body, state }) => ({ id, body, state }))));
  }

  /** @param {Item} item @param {State} state @param {Partial<Item>} [more] */
  function move(item, state, more = {}) {
    Object.assign(item, more, { state });
    save();
    if (items.includes(item)) onChange(item);
  }

  async function drain() {
    if (isDraining) return;
    isDraining = true;
    for (let item = nextItem(); item; item = nextItem()) await deliver(item);
    isDraining = false;
  }

  const nextItem = () => items.find((item) => item.state === "waiting");

  /** @param {Item} item */
  async function deliver(item) {
    move(item, "sending");
    const answer = await send({ id: item.id, ...item.body });
    if (!items.includes(item)) return;
    if (answer.outcome === "busy" && item.waits < MOST_WAITS) await waitAndRetry(item, answer.seconds);
    else if (answer.outcome === "refused") move(item, "refused", { reason: answer.reason });
    else if (answer.outcome === "accepted") move(item, "accepted");
    else fail(item);
  }

  /** @param {Item} item @param {number} seconds */
  async function waitAndRetry(item, seconds) {
    move(item, "busy", { seconds, waits: item.waits + 1 });
    await new Promise((/** @type {(value?: unknown) => void} */ done) => {
      endPause = done;
      setTimeout(done, seconds * 1000);
    });
    if (items.includes(item)) move(item, "waiting");
  }

  /** What comes after a message that failed would fail too, or overtake it. @param {Item} failed */
  function fail(failed) {
    for (const item of items) if (item === failed || item.state === "waiting") move(item, "failed");
    onFailure();
  }

  /** @param {Record<string, any>} body @returns {Item} */
  function add(body) {
    const item = itemOf(newId(), body);
    items.push(item);
    move(item, isOnline() ? "waiting" : "offline");
    drain();
    return item;
  }

  /** By the citizen's own wish. @param {string} id */
  function resend(id) {
    const item = items.find((each) => each.id === id);
    if (!item) return;
    move(item, "waiting", { waits: 0 });
    drain();
  }

  /** The server is there again: everything that was left goes once by itself. */
  function resume() {
    const left = items.filter((item) => item.state === "offline" || (item.state === "failed" && !item.wasResent));
    for (const item of left) move(item, "waiting", { wasResent: item.state === "failed", waits: 0 });
    drain();
  }

  /** The server has shown it, or the citizen took it back. @param {string} id */
  function remove(id) {
    items = items.filter((item) => item.id !== id);
    save();
  }

  /** Takes up again what a reload interrupted, before the server shows what it has; `resume` sends the rest. */
  function restore() {
    for (const { id, body, state } of readSaved(memory.get(KEY))) {
      if (items.some((item) => item.id === id)) continue;
      const item = itemOf(id, body);
      items.push(item);
      move(item, state === "refused" ? "refused" : "offline");
    }
  }

  /** Another conversation has begun: nobody will show back what the earlier one accepted. */
  function forgetAccepted() {
    items = items.filter((item) => item.state !== "accepted");
  }

  function clear() {
    items = [];
    save();
    endPause();
  }

  const has = (/** @type {string} */ id) => items.some((item) => item.id === id);
  const hasUnresent = () => items.some((item) => item.state === "failed" && !item.wasResent);
  const textOf = (/** @type {string} */ id) => items.find((item) => item.id === id)?.body.text ?? "";
  return { add, resend, resume, remove, restore, forgetAccepted, clear, has, hasUnresent, textOf };
}

/** @param {string} id @param {Record<string, any>} body @returns {Item} */
function itemOf(id, body) {
  return { id, body, state: "waiting", seconds: 0, reason: "refused", waits: 0, wasResent: false };
}

/** @param {string} saved @returns {Item[]} */
function readSaved(saved) {
  try {
    return JSON.parse(saved || "[]");
  } catch {
    return [];
  }
}

/** A version 4 UUID, also where the page is not served over TLS and `crypto.randomUUID` is missing. */
export function newId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

// The conversation on the page: each message once, the server's in the order of their ids, the unsent ones below.

/** @typedef {{id: number, client_id: string | null, author: string, text: string, language?: string, created_at: string,
 *   buttons?: {title: string, payload: string}[], links?: {title: string, url: string}[],
 *   file?: import("./message.js").Attached | null}} Arrival */

const LONGEST_TYPING_MS = 60_000;

/**
 * @param {{log: HTMLElement, replies: HTMLElement, typing: HTMLElement, view: any, element: any,
 *   onReply: (reply: {title: string, payload: string}) => void}} parts
 */
export function createTranscript({ log, replies, typing, view, element, onReply }) {
  /** @type {Map<number, HTMLElement>} */
  const byId = new Map();
  /** @type {Map<string, HTMLElement>} */
  const byClient = new Map();
  /** @type {number | undefined} */
  let typingTimer;

  /** Shows what the server sent; false when it is there already. @param {Arrival} message */
  function show(message) {
    if (byId.has(message.id)) return false;
    const isCitizen = message.author === "citizen";
    const pending = message.client_id ? byClient.get(message.client_id) : undefined;
    const made = pending ?? view.build({ ...message, isLocation: isCitizen && !message.text });
    if (pending) confirm(pending, message);
    byId.set(message.id, made);
    place(made, message.id);
    if (isCitizen || message.author === "staff") offer([]);
    if (message.buttons?.length) offer(message.buttons);
    if (!isCitizen) setTyping(false);
    return true;
  }

  /** @param {HTMLElement} pending @param {Arrival} message */
  function confirm(pending, message) {
    delete pending.dataset.state;
    view.date(pending, message.created_at);
  }

  /** @param {HTMLElement} made @param {number} id */
  function place(made, id) {
    made.dataset.id = String(id);
    const isPlaced = made.parentElement === log;
    let before = isPlaced ? made.previousElementSibling : log.lastElementChild;
    // The unsent stand at the end and have no id; the newest id is nearly always right before them.
    while (before instanceof HTMLElement && !(Number(before.dataset.id ?? Infinity) < id)) before = before.previousElementSibling;
    const after = before ? before.nextElementSibling : log.firstElementChild;
    if (after !== made) log.insertBefore(made, after);
  }

  /** Shows a message of the citizen's that the server has not got yet. @param {import("./outbox.js").Item} item */
  function showUnsent(item) {
    const isLocation = "latitude" in item.body;
    const made = byClient.get(item.id) ?? view.build({ author: "citizen", text: item.body.text ?? "", isLocation });
    if (made.dataset.id) return;
    if (!byClient.has(item.id)) {
      byClient.set(item.id, made);
      log.append(made);
      offer([]);
    }
    view.mark(made, item);
  }

  /** @param {string} clientId */
  function takeBack(clientId) {
    byClient.get(clientId)?.remove();
    byClient.delete(clientId);
  }

  /** @param {{title: string, payload: string}[]} choices */
  function offer(choices) {
    const buttons = choices.map((choice) => {
      const made = element("button", { type: "button", dir: "auto" }, choice.title);
      made.addEventListener("click", () => onReply(choice));
      return made;
    });
    replies.replaceChildren(...buttons);
    replies.hidden = !buttons.length;
  }

  /** @param {boolean} on */
  function setTyping(on) {
    clearTimeout(typingTimer);
    typing.hidden = !on;
    if (on) typingTimer = setTimeout(() => setTyping(false), LONGEST_TYPING_MS);
  }

  function clear() {
    byId.clear();
    byClient.clear();
    log.replaceChildren();
    offer([]);
    setTyping(false);
  }

  const isEmpty = () => !log.childElementCount;
  const has = (/** @type {string} */ clientId) => Boolean(byClient.get(clientId)?.dataset.id);
  const lastQuestion = () => [...log.querySelectorAll("[data-author=citizen]")].at(-1) ?? null;
  return { show, showUnsent, takeBack, setTyping, clear, isEmpty, has, lastQuestion };
}

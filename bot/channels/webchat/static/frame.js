// The page in another site's frame: a few words with the script around it (widget.js), each from and to a known origin.

const SEEN = "seen";

/**
 * @param {{host: string, closeButton: HTMLElement, memory: import("./memory.js").Memory, onShown: (isAsked: boolean) => void}} parts
 */
export function createFrame({ host, closeButton, memory, onShown }) {
  const isFramed = parent !== window;
  const origin = host || location.origin;
  /** New messages that nobody has had before their eyes. @type {Set<number>} */
  const unread = new Set();
  let seen = Number(memory.get(SEEN)) || 0;
  let newest = seen;
  let isShown = !isFramed;

  /** @param {"hello" | "close" | "unread"} jawab @param {object} [more] */
  function say(jawab, more = {}) {
    if (isFramed) parent.postMessage({ jawab, ...more }, origin);
  }

  /** @param {{id: number, author: string}} message */
  function note({ id, author }) {
    newest = Math.max(newest, id);
    if (isShown) return remember();
    if (author === "citizen" || id <= seen) return;
    unread.add(id);
    say("unread", { count: unread.size });
  }

  function remember() {
    seen = newest;
    memory.set(SEEN, String(seen));
  }

  /** @param {MessageEvent} event */
  function hear({ source, origin: from, data }) {
    if (source !== parent || from !== origin || data?.jawab !== "shown") return;
    closeButton.hidden = false;
    isShown = data.isOpen === true;
    if (!isShown) return;
    unread.clear();
    remember();
    say("unread", { count: 0 });
    onShown(data.isAsked === true);
  }

  if (isFramed) {
    addEventListener("message", hear);
    closeButton.addEventListener("click", () => say("close"));
    document.addEventListener("keydown", (event) => {
      const isTaken = event.defaultPrevented || document.querySelector("dialog[open], #hint:not([hidden])");
      if (event.key === "Escape" && !event.isComposing && !isTaken) say("close");
    });
  }
  return { note, hello: () => say("hello") };
}

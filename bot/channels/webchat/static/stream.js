// The server's events. The browser itself takes up a broken stream once; after that we wait longer each time.

const LONGEST_WAIT_MS = 30_000;
const STALE_AFTER_MS = 60_000;

/**
 * @param {{openSession: () => Promise<void>, eventsUrl: (after: number) => string, onMessage: (message: any) => void,
 *   onTyping: (on: boolean) => void, onReady: () => void, onDown: () => void}} parts
 */
export function createStream({ openSession, eventsUrl, onMessage, onTyping, onReady, onDown }) {
  /** @type {EventSource | null} */
  let source = null;
  /** @type {number | undefined} */
  let timer;
  let lastId = 0;
  let failures = 0;
  let isRetriedByBrowser = false;
  /** Counts the openings, so that one that was overtaken gives up. */
  let opening = 0;
  let hiddenAt = 0;

  async function open() {
    close();
    const mine = ++opening;
    try {
      await openSession();
    } catch {
      if (mine === opening) failed();
      return;
    }
    if (mine === opening) listen(new EventSource(eventsUrl(lastId)));
  }

  /** @param {EventSource} current */
  function listen(current) {
    source = current;
    current.addEventListener("message", (event) => {
      const message = read(event.data);
      if (!message || current !== source) return;
      lastId = Math.max(lastId, Number(message.id) || 0);
      onMessage(message);
    });
    current.addEventListener("typing", (event) => current === source && onTyping(Boolean(read(event.data)?.on)));
    current.addEventListener("ready", () => current === source && ready());
    current.addEventListener("error", () => current === source && broken(current));
  }

  function ready() {
    failures = 0;
    isRetriedByBrowser = false;
    onReady();
  }

  /** @param {EventSource} current */
  function broken(current) {
    if (current.readyState === EventSource.CONNECTING && !isRetriedByBrowser) {
      isRetriedByBrowser = true;
      onDown();
    } else failed();
  }

  function failed() {
    close();
    onDown();
    const wait = Math.min(LONGEST_WAIT_MS, 1000 * 2 ** failures++);
    timer = setTimeout(open, wait * (0.5 + Math.random() / 2));
  }

  function close() {
    clearTimeout(timer);
    source?.close();
    source = null;
  }

  /** For good: there is nothing to wait for. */
  function stop() {
    opening++;
    close();
  }

  /** At once, whatever the waiting had come to. */
  function reopen() {
    failures = 0;
    isRetriedByBrowser = false;
    return open();
  }

  /** After another conversation has begun: its messages count from the start. */
  function forget() {
    lastId = 0;
  }

  addEventListener("online", reopen);
  addEventListener("pageshow", (event) => event.persisted && reopen());
  addEventListener("pagehide", close);
  document.addEventListener("visibilitychange", () => {
    // A phone cuts the line of a page in the background without a word.
    if (document.hidden) hiddenAt = Date.now();
    else if (Date.now() - hiddenAt > STALE_AFTER_MS) reopen();
  });

  return { open, reopen, stop, forget, isListening: () => source !== null };
}

/** @param {string} data @returns {any} */
function read(data) {
  try {
    return JSON.parse(data);
  } catch {
    return null;
  }
}

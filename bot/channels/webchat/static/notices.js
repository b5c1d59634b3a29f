// What the page says besides messages: the line is down, a hint, and words for screen readers alone.

const DOWN_AFTER_MS = 3000;

/**
 * @param {{connection: HTMLElement, hint: HTMLElement, announcer: HTMLElement, strings: Record<string, string>}} parts
 */
export function createNotices({ connection, hint, announcer, strings }) {
  /** @type {number | undefined} */
  let downTimer;
  let isUp = true;

  /** @param {string} words */
  function announce(words) {
    announcer.textContent = "";
    // An empty moment makes screen readers read the same words again.
    setTimeout(() => (announcer.textContent = words), 50);
  }

  /** @param {HTMLElement} notice @param {string} words */
  function show(notice, words) {
    const place = /** @type {HTMLElement} */ (notice.querySelector("p"));
    if (!notice.hidden && place.textContent === words) return;
    place.textContent = words;
    notice.hidden = false;
    announce(words);
  }

  function lineDown() {
    isUp = false;
    if (!navigator.onLine) show(connection, strings.offline);
    else if (!connection.hidden) show(connection, strings.unreachable);
    else downTimer ??= setTimeout(() => isUp || show(connection, strings.unreachable), DOWN_AFTER_MS);
  }

  function lineUp() {
    isUp = true;
    clearTimeout(downTimer);
    downTimer = undefined;
    if (!connection.hidden) announce(strings.connected_again);
    connection.hidden = true;
  }

  function hideHint() {
    hint.hidden = true;
  }

  hint.querySelector("button")?.addEventListener("click", hideHint);
  addEventListener("keydown", (event) => event.key === "Escape" && hideHint());
  addEventListener("offline", lineDown);
  return { announce, lineDown, lineUp, hideHint, showHint: (/** @type {string} */ words) => show(hint, words) };
}

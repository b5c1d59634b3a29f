// The three addresses of the server, and what each of its answers asks of the page.

const TIMEOUT_MS = 15_000;
const LONGEST_WAIT_SECONDS = 120;
const USUAL_WAIT_SECONDS = 5;

/**
 * What became of a message that was sent:
 * accepted; busy (the server asks to wait `seconds`); refused for good (the reason names our own
 * words for it: the server's are for developers, in one language); unreachable.
 * @typedef {{outcome: "accepted"} | {outcome: "busy", seconds: number} | {outcome: "refused", reason: Reason}
 *   | {outcome: "unreachable"}} Sent
 */

/** @typedef {"refused" | "too_long"} Reason */

/** @param {{door: string, language: string, onConversation: (id: string) => void}} parts */
export function createApi({ door, language, onConversation }) {
  /** @param {string} path @param {object} body */
  function post(path, body) {
    const controller = new AbortController();
    const timer = setTimeout(() => controller.abort(), TIMEOUT_MS);
    const headers = { "Content-Type": "application/json", "X-Requested-With": "jawab-chat" };
    return fetch(`/${door}/${path}`, {
      method: "POST",
      headers,
      body: JSON.stringify(body),
      credentials: "same-origin",
      signal: controller.signal,
    }).finally(() => clearTimeout(timer));
  }

  /** The last opening: another waits for it, and so does what is sent, or one citizen would be given two sessions. */
  let opened = Promise.resolve();

  /** Says which conversation it is; throws when there is none to be had. @param {{fresh: boolean}} options */
  function openSession(options) {
    const mine = opened.then(() => askForSession(options));
    opened = mine.catch(() => {});
    return mine;
  }

  /** @param {{fresh: boolean}} options */
  async function askForSession({ fresh }) {
    const response = await post("session", { language, new: fresh });
    if (!response.ok) throw new Error(`session: ${response.status}`);
    onConversation((await response.json()).conversation);
  }

  /** @param {object} message @returns {Promise<Sent>} */
  async function sendMessage(message) {
    await opened;
    try {
      let response = await post("messages", { ...message, language });
      if (response.status === 401) {
        await openSession({ fresh: false });
        response = await post("messages", { ...message, language });
      }
      return readAnswer(response);
    } catch {
      return { outcome: "unreachable" };
    }
  }

  return { openSession, sendMessage, eventsUrl: (/** @type {number} */ after) => `/${door}/events?after=${after}` };
}

/** @param {Response} response @returns {Sent} */
function readAnswer(response) {
  if (response.ok) return { outcome: "accepted" };
  if (response.status === 429 || response.status === 503) return { outcome: "busy", seconds: secondsToWait(response) };
  if (response.status >= 500 || response.status === 401 || response.status === 408) return { outcome: "unreachable" };
  return { outcome: "refused", reason: response.status === 413 ? "too_long" : "refused" };
}

/** @param {Response} response */
function secondsToWait(response) {
  const seconds = Number(response.headers.get("Retry-After") ?? USUAL_WAIT_SECONDS);
  return Number.isFinite(seconds) ? Math.min(Math.max(seconds, 1), LONGEST_WAIT_SECONDS) : USUAL_WAIT_SECONDS;
}

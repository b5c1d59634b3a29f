// What the browser keeps for us: for this tab (what is unsent) or for later visits (nothing of what was said).

/** @typedef {{get: (key: string) => string, set: (key: string, value: string) => void}} Memory */

const COOKIE_FLAGS = `Path=/embed; Max-Age=${180 * 24 * 3600}; Secure; SameSite=None; Partitioned`;

/**
 * A store that never throws: a browser that keeps nothing, or refuses to be asked, still shows the page and sends.
 * Page and frame keep theirs apart: both may be open in one tab of our own site.
 * @param {"localStorage" | "sessionStorage"} name @param {string} door @returns {Memory}
 */
export function createMemory(name, door) {
  const prefix = door === "chat" ? "jawab." : `jawab.${door}.`;
  const usesCookies = name === "localStorage" && door === "embed" && !isAllowed();

  /** @param {(store: Pick<Storage, "getItem" | "setItem">) => string | null | void} use */
  function attempt(use) {
    try {
      return use(usesCookies ? cookies : window[name]) ?? "";
    } catch {
      return "";
    }
  }

  return {
    get: (key) => attempt((store) => store.getItem(prefix + key)),
    set: (key, value) => void attempt((store) => store.setItem(prefix + key, value)),
  };
}

/** Private windows deny storage to frames of other sites, but keep cookies for them that are each site's own. */
const cookies = {
  /** @param {string} key */
  getItem(key) {
    const found = document.cookie.split("; ").find((each) => each.startsWith(`${key}=`));
    return found ? decodeURIComponent(found.slice(key.length + 1)) : null;
  },
  /** @param {string} key @param {string} value */
  setItem(key, value) {
    document.cookie = `${key}=${encodeURIComponent(value)}; ${COOKIE_FLAGS}`;
  },
};

function isAllowed() {
  try {
    return Boolean(window.localStorage);
  } catch {
    return false;
  }
}

// What the browser keeps for us: for this tab (what is unsent) or for later visits (nothing of what was said).

/** @typedef {{get: (key: string) => string, set: (key: string, value: string) => void}} Memory */

/**
 * A store that never throws: a browser that keeps nothing, or refuses to be asked, still shows the page and sends.
 * @param {"localStorage" | "sessionStorage"} name @returns {Memory}
 */
export function createMemory(name) {
  /** @param {(store: Storage) => string | null | void} use */
  function attempt(use) {
    try {
      return use(window[name]) ?? "";
    } catch {
      return "";
    }
  }

  return {
    get: (key) => attempt((store) => store.getItem(`jawab.${key}`)),
    set: (key, value) => void attempt((store) => store.setItem(`jawab.${key}`, value)),
  };
}

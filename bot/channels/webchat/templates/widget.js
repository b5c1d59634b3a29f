// The button in the corner of another site's page and the window that it opens. One script tag; nothing global. The talk
// goes on in a frame of our origin; what the site and the frame say to each other is at the end of docs/widget.md.

(() => {
  const WORDS = {{ words | tojson }};
  const KEY = "jawab-widget";
  const TAG = "jawab-widget";
  const NARROW = "(max-width: 30em), (max-height: 30em)";
  const GREETING_MS = 6000;
  const SLOWEST_MS = 30_000;
  const LOOKS = `
    :host { all: initial !important; }
    @media print { :host { display: none !important; } }
    * { box-sizing: border-box; font: 400 1em/1.5 system-ui, "Segoe UI", Tahoma, "Noto Sans Arabic", sans-serif; }
    .root {
      --brand: #0d6b55; --strong: #0a5746; --on-brand: #fff; --surface: #fffdf8; --ink: #1b2925; --line: #8b9089;
      color: var(--ink); font-size: 1rem; font-size: medium; text-align: start; color-scheme: light dark;
    }
    @media (prefers-color-scheme: dark) {
      .root { --brand: #6fcfb0; --strong: #8fdcc3; --on-brand: #08211a; --surface: #121c19; --ink: #e9efea; --line: #74857d; }
    }
    button { cursor: pointer; }
    :focus-visible { outline: 3px solid var(--brand); outline-offset: 2px; box-shadow: 0 0 0 2px var(--surface); }
    svg { flex: none; width: 1.5em; height: 1.5em; fill: none; stroke: currentColor; stroke-width: 2; stroke-linecap: round; stroke-linejoin: round; }
    .launcher, dialog { position: fixed; z-index: 2147483000; }
    .launcher {
      bottom: max(1em, env(safe-area-inset-bottom)); display: flex; gap: .5em; align-items: center; min-height: 3.25em;
      padding: 0 1.25em; border: 2px solid var(--surface); border-radius: 2em; color: var(--on-brand); background: var(--brand);
      font-weight: 600; box-shadow: 0 2px 12px rgb(0 0 0 / 25%);
    }
    .launcher:hover { background: var(--strong); }
    .launcher[aria-expanded="true"] { padding: 0 .875em; }
    .launcher[aria-expanded="true"] svg:first-child, .launcher[aria-expanded="false"] svg:nth-child(2) { display: none; }
    .launcher[aria-expanded="true"] .label, .unseen {
      position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap;
    }
    .left .launcher, .left dialog { left: 1em; right: auto; }
    .right .launcher, .right dialog { left: auto; right: 1em; }
    .badge { min-width: 1.5em; padding: 0 .375em; border-radius: 1em; color: #fff; background: #a5311f; text-align: center; }
    dialog {
      top: auto; bottom: 5em; width: min(25em, calc(100vw - 2em)); height: min(42em, calc(100vh - 7em));
      height: min(42em, calc(100dvh - 7em)); max-width: none; max-height: none; margin: 0; padding: 0; overflow: hidden;
      border: 1px solid var(--line); border-radius: 1em; color: inherit; background: var(--surface);
      box-shadow: 0 8px 40px rgb(0 0 0 / 25%);
    }
    dialog[open] { display: flex; flex-direction: column; }
    iframe { flex: 1; width: 100%; min-height: 0; border: 0; }
    .bar { display: flex; justify-content: flex-end; padding: .25em; }
    .close { display: grid; place-items: center; width: 2.75em; height: 2.75em; border: 0; border-radius: .75em; color: inherit; background: none; }
    .failed { margin: auto; padding: 1.5em; text-align: center; }
    .failed a { display: block; margin-top: 1em; color: var(--brand); font-weight: 600; }
    [hidden] { display: none !important; }
    @media ${NARROW} {
      .left dialog, .right dialog { inset: 0; width: 100%; height: 100%; border: 0; border-radius: 0; }
      .launcher { padding: 0 .875em; }
      .launcher .label { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
    }
    @media (prefers-reduced-motion: no-preference) {
      dialog[open] { animation: rise .18s ease-out; }
      @keyframes rise { from { opacity: 0; transform: translateY(.5em); } }
    }`;

  const script = document.currentScript;
  if (!(script instanceof HTMLScriptElement) || document.querySelector(TAG)) return;
  const ours = new URL(script.src).origin;
  const languageOfPage = document.documentElement.lang.slice(0, 2).toLowerCase();
  const language = [script.dataset.language, languageOfPage].find((code) => code in WORDS) ?? "ar";
  const { side } = script.dataset;
  const words = WORDS[language];
  const narrow = matchMedia(NARROW);

  /** Where the site's page reads from the right, its free corner is the left one. */
  const isLeft = () => side === "left" || (side !== "right" && getComputedStyle(document.documentElement).direction === "rtl");

  /** @param {string} tag @param {Record<string, string>} attributes @param {(Node | string)[]} children @returns {any} */
  function make(tag, attributes, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    made.append(...children);
    return made;
  }

  /** @param {string} path */
  function icon(path) {
    const namespace = "http://www.w3.org/2000/svg";
    const svg = document.createElementNS(namespace, "svg");
    svg.setAttribute("viewBox", "0 0 24 24");
    svg.setAttribute("aria-hidden", "true");
    const drawn = document.createElementNS(namespace, "path");
    drawn.setAttribute("d", path);
    svg.append(drawn);
    return svg;
  }

  const BUBBLE = "M6 5h12a3 3 0 0 1 3 3v6a3 3 0 0 1-3 3h-5l-5 4v-4H6a3 3 0 0 1-3-3V8a3 3 0 0 1 3-3z M8.5 11l2.500 2.500 4.500-5";
  const CROSS = "M6 6l12 12 M18 6L6 18";
  const label = make("span", { class: "label" }, words.open);
  const badge = make("span", { class: "badge", hidden: "", "aria-hidden": "true" });
  const news = make("span", { class: "unseen", role: "status" });
  const launcher = make("button", { type: "button", class: "launcher" }, icon(BUBBLE), icon(CROSS), label, badge);
  const close = make("button", { type: "button", class: "close", title: words.close, "aria-label": words.close }, icon(CROSS));
  const bar = make("div", { class: "bar" }, close);
  const ownWindow = make("a", { href: `${ours}/?lang=${language}`, target: "_blank", rel: "noopener" }, words.own_window);
  const failed = make("div", { class: "failed", hidden: "" }, words.failed, ownWindow);
  const dialog = make("dialog", { id: "window", "aria-label": words.title }, bar, failed);
  const direction = language === "ar" ? "rtl" : "ltr";
  const root = make("div", { class: `root ${isLeft() ? "left" : "right"}`, dir: direction, lang: language }, dialog, launcher, news);
  const box = document.createElement(TAG);

  /** @type {HTMLIFrameElement | null} */
  let frame = null;
  let isGreeted = false;
  /** Whether a citizen asked for the window, and so expects the focus in it. */
  let isAsked = false;

  /** @param {"open" | "closed"} [state] */
  function memory(state) {
    try {
      if (state) sessionStorage.setItem(KEY, state);
      return sessionStorage.getItem(KEY);
    } catch {
      return null;
    }
  }

  /** The frame comes with the first opening: until then, nothing of ours is asked for. */
  function loadFrame() {
    if (frame) return;
    frame = make("iframe", { title: words.title, referrerpolicy: "no-referrer" });
    frame.src = `${ours}/embed?lang=${language}&origin=${encodeURIComponent(location.origin)}`;
    frame.addEventListener("load", () => setTimeout(giveUp, GREETING_MS));
    setTimeout(giveUp, SLOWEST_MS);
    dialog.append(frame);
  }

  /** The site is not allowed to show the frame, or we are away. */
  function giveUp() {
    failed.hidden = isGreeted;
    if (!isGreeted) frame.hidden = true;
  }

  /** @param {boolean} byCitizen */
  function open(byCitizen) {
    loadFrame();
    isAsked = byCitizen;
    // `show` would take the focus away from whoever only came to another page of the site.
    if (!byCitizen) dialog.setAttribute("open", "");
    else if (narrow.matches) dialog.showModal();
    else dialog.show();
    changed();
    if (byCitizen) (isGreeted ? frame : close).focus();
  }

  function shut() {
    const hadFocus = root.contains(box.shadowRoot.activeElement);
    dialog.close();
    isAsked = false;
    changed();
    if (hadFocus) launcher.focus();
  }

  function changed() {
    launcher.setAttribute("aria-expanded", String(dialog.open));
    memory(dialog.open ? "open" : "closed");
    tell();
  }

  function tell() {
    if (isGreeted) frame.contentWindow.postMessage({ jawab: "shown", isOpen: dialog.open, isAsked }, ours);
  }

  function greeted() {
    isGreeted = true;
    bar.hidden = true;
    failed.hidden = true;
    frame.hidden = false;
    // Only if the citizen still waits where we left them.
    isAsked &&= [close, null].includes(box.shadowRoot.activeElement);
    if (isAsked && dialog.open) frame.focus();
    tell();
  }

  /** @param {unknown} count */
  function count(count) {
    const number = Number.isInteger(count) && !dialog.open ? Math.max(0, count) : 0;
    badge.hidden = !number;
    badge.textContent = number > 9 ? "9+" : String(number);
    news.textContent = number ? words.unread.replace("{count}", String(number)) : "";
    launcher.title = number ? `${words.open} (${news.textContent})` : "";
  }

  addEventListener("message", ({ origin, source, data }) => {
    if (origin !== ours || !frame || source !== frame.contentWindow) return;
    if (data?.jawab === "hello") greeted();
    else if (data?.jawab === "close") shut();
    else if (data?.jawab === "unread") count(data.count);
  });
  launcher.addEventListener("click", () => (dialog.open ? shut() : open(true)));
  close.addEventListener("click", shut);
  dialog.addEventListener("cancel", (event) => {
    event.preventDefault();
    shut();
  });
  root.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !dialog.open) return;
    event.preventDefault();
    shut();
  });

  function begin() {
    const looks = new CSSStyleSheet();
    looks.replaceSync(LOOKS);
    box.attachShadow({ mode: "open" }).adoptedStyleSheets = [looks];
    box.shadowRoot.append(root);
    document.body.append(box);
    launcher.setAttribute("aria-haspopup", "dialog");
    launcher.setAttribute("aria-controls", "window");
    launcher.setAttribute("aria-expanded", "false");
    const before = memory();
    if (before === "open" && !narrow.matches) open(false);
    // A talk was begun in this tab: its answers are counted on the button.
    else if (before) loadFrame();
  }

  if (document.body) begin();
  else addEventListener("DOMContentLoaded", begin);
})();

// One message as elements of the page. Words are only ever set as text.

const ZONE = "Africa/Casablanca";
const LOCALES = { ar: "ar-MA", fr: "fr-MA", en: "en-GB" };
/** What a sign at the head of a line becomes on the page: an icon, and the sign itself for screen readers. */
const SIGNS = /** @type {Record<string, [string, string]>} */ ({
  caution: ["alert", "⚠️"],
  note: ["info", "ℹ️"],
  false: ["cross", "❌"],
  scam: ["stop", "⛔"],
  true: ["check", "✅"],
  unproven: ["question", "❓"],
});
const MEGABYTE = 1024 * 1024;
const UNSENT = { waiting: "status_sending", sending: "status_sending", offline: "status_waiting", busy: "status_busy" };

/** @typedef {{author: string, text: string, language?: string, created_at?: string, links?: {title: string, url: string}[],
 *   file?: Attached | null, isLocation?: boolean}} Message */
/** @typedef {{name: string, mime_type: string, size: number, url: string}} Attached */

/**
 * @param {string} tag @param {Record<string, string | boolean>} [attributes] @param {(Node | string)[]} children
 * @returns {HTMLElement}
 */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== false) made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children);
  return made;
}

/** @param {string} name */
export function icon(name) {
  const namespace = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(namespace, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(namespace, "use");
  use.setAttribute("href", `#icon-${name}`);
  svg.append(use);
  return svg;
}

/**
 * @param {{strings: Record<string, string>, language: string, iconUrl: string, text: typeof import("./text.js"),
 *   onResend: (id: string) => void, onEdit: (id: string) => void}} parts
 */
export function createMessageView({ strings, language, iconUrl, text, onResend, onEdit }) {
  const locale = LOCALES[/** @type {keyof typeof LOCALES} */ (language)];
  const hour = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit", timeZone: ZONE });
  const day = new Intl.DateTimeFormat(locale, { day: "numeric", month: "long", timeZone: ZONE });

  const amount = new Intl.NumberFormat(locale, { maximumFractionDigits: 1, numberingSystem: "latn" });

  /** @param {Message} message */
  function build(message) {
    const isCitizen = message.author === "citizen";
    const words = isCitizen ? plainText(message) : richText(message);
    const file = message.file ? attached(message.file) : null;
    // A file needs no words beside it.
    const bubble = element("div", { class: "bubble" }, ...(file && !message.text ? [] : [words]), ...(file ? [file] : []));
    const made = element("div", { class: "message", "data-author": message.author }, who(message.author), bubble);
    const links = message.links?.map(chip).filter((made) => made !== null) ?? [];
    if (links.length) made.append(element("div", { class: "links", role: "group", "aria-label": strings.links_label }, ...links));
    // How far a message has come is shown; the log, which is read out, need not say it each time.
    made.append(element("div", { class: "below", "aria-live": "off" }));
    if (message.created_at) date(made, message.created_at);
    return made;
  }

  /** @param {string} author */
  function who(author) {
    const name = strings[`author_${author}`] ?? author;
    if (author === "citizen" || author === "system") return readersOnly(`${name}: `);
    const made = element("p", { class: "who" }, name);
    if (author === "bot") made.prepend(element("img", { src: iconUrl, alt: "" }));
    return made;
  }

  /** @param {Message} message */
  function plainText(message) {
    if (!message.isLocation) return element("p", { class: "plain", dir: "auto" }, message.text);
    return element("p", { class: "plain", dir: "auto" }, icon("pin"), message.text || strings.location_message);
  }

  /** @param {Message} message */
  function richText(message) {
    const direction = text.directionOf(message.text, message.language);
    return element("div", { class: "text", dir: direction }, ...text.blocksOf(message.text).map(block));
  }

  /** @param {import("./text.js").Block} part */
  function block({ kind, lines }) {
    if (kind === "list") return element("ul", {}, ...lines.map((line) => element("li", {}, ...line.map(piece))));
    const nodes = lines.flatMap((line, index) => [...(index ? [element("br")] : []), ...line.map(piece)]);
    if (kind === "title") return element("p", { class: "title" }, element("strong", {}, ...nodes));
    if (SIGNS[kind]) return signed(kind, nodes);
    if (kind === "source") return element("p", { class: "source" }, icon("book"), element("span", {}, ...nodes));
    return element("p", { class: kind }, ...nodes);
  }

  /** @param {string} kind @param {Node[]} nodes */
  function signed(kind, nodes) {
    const [name, sign] = SIGNS[kind];
    return element("p", { class: `signed ${kind}` }, icon(name), element("span", {}, readersOnly(`${sign} `), ...nodes));
  }

  /** @param {import("./text.js").Piece} part */
  function piece({ text: words, href, kind }) {
    if (!href) return document.createTextNode(words);
    if (kind === "phone") return element("a", { href, dir: "ltr" }, words);
    return outward(href, { dir: "ltr" }, words);
  }

  /** @param {string} href @param {Record<string, string>} attributes @param {(Node | string)[]} children */
  function outward(href, attributes, ...children) {
    const note = readersOnly(` (${strings.opens_in_new_tab})`);
    return element("a", { href, target: "_blank", rel: "noopener noreferrer", ...attributes }, ...children, note);
  }

  /** @param {{title: string, url: string}} link */
  function chip({ title, url }) {
    const safe = text.safeUrl(url, ["https:", "http:"]);
    if (!safe) return null;
    const host = safe.hostname.replace(/^www\./, "");
    const words = element("span", {}, element("b", { dir: "auto" }, title || host));
    if (title && text.hostIn(title) !== host) words.append(element("small", { dir: "ltr" }, host));
    return outward(safe.href, { class: "chip" }, icon("link"), words);
  }

  /** A picture is shown; every file is kept by a press. @param {Attached} file */
  function attached({ name, mime_type, size, url }) {
    const verb = readersOnly(`${strings.file_download}: `);
    const words = element("span", {}, verb, element("b", { dir: "auto" }, name), element("small", {}, sizeOf(size)));
    const picture = mime_type.startsWith("image/") ? [element("img", { src: url, alt: "", loading: "lazy" })] : [];
    return element("p", { class: "attached" }, ...picture, element("a", { class: "chip file", href: url, download: name }, icon("file"), words));
  }

  /** @param {number} bytes */
  function sizeOf(bytes) {
    const [unit, words] = bytes < MEGABYTE ? [1024, strings.size_kb] : [MEGABYTE, strings.size_mb];
    return words.replace("{number}", amount.format(Math.max(bytes / unit, 0.1)));
  }

  /** @param {HTMLElement} made @param {string} createdAt */
  function date(made, createdAt) {
    const moment = new Date(createdAt);
    if (Number.isNaN(moment.getTime())) return;
    const isToday = day.format(moment) === day.format(new Date());
    const words = isToday ? hour.format(moment) : `${day.format(moment)}, ${hour.format(moment)}`;
    made.querySelector(".below")?.replaceChildren(element("time", { datetime: moment.toISOString() }, words));
  }

  /** Shows how far a message of the citizen's has come. @param {HTMLElement} made @param {import("./outbox.js").Item} item */
  function mark(made, item) {
    made.dataset.state = item.state;
    made.querySelector(".below")?.replaceChildren(...statusOf(item));
  }

  /** @param {import("./outbox.js").Item} item @returns {(Node | string)[]} */
  function statusOf({ id, state, seconds, reason, body }) {
    if (state === "failed") return [icon("alert"), strings.status_failed, button(strings.send_again, () => onResend(id))];
    if (state === "refused") {
      const edit = body.payload || !body.text ? [] : [button(strings.edit, () => onEdit(id))];
      return [icon("alert"), strings[`status_${reason}`], ...edit];
    }
    const words = strings[UNSENT[/** @type {keyof typeof UNSENT} */ (state)]] ?? "";
    return words ? [words.replace("{seconds}", String(seconds))] : [];
  }

  return { build, date, mark };
}

/** @param {string} words */
function readersOnly(words) {
  return element("span", { class: "for-readers" }, words);
}

/** @param {string} words @param {() => void} onClick */
export function button(words, onClick) {
  const made = element("button", { type: "button", class: "link" }, words);
  made.addEventListener("click", onClick);
  return made;
}

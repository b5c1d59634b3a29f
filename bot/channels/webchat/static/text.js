// What a message's words become: blocks of safe pieces. Pure functions; nothing here touches the page.

const URL_PIECE = "https:\\/\\/[^\\s<>\"'`«»\\u2066-\\u2069]+";
const GAP = "[ .\\u00a0\\u202f-]?";
const PHONE_PIECE = `(?:\\+212|00212|0)${GAP}[5-8](?:${GAP}\\d){8}`;
const PIECES = new RegExp(`(?<url>${URL_PIECE})|(?<phone>${PHONE_PIECE})|(?<short>\\d{2,4})`, "gu");

const SHORT_NUMBERS = new Set(["15", "19", "112", "141", "150", "177"]);
const SERVICES =
  "الشرطة|الأمن الوطني|الوقاية المدنية|المطافئ|الدرك|الإسعاف|police|pompiers|protection civile|" +
  "gendarmerie|samu|ambulance|fire|civil protection|emergency|urgences?|الطوارئ|المستعجلات";
const CALLS =
  "اتصل(?:وا|ي)?|الاتصال|عيط(?:و|وا|ي)?|(?:ال)?هاتف|بالرقم|على الرقم|" +
  "(?:ال)?تيليفون|appele[zr]|compose[zr]|téléphone(?:[zr])?|tél|call|dial|phone|tel|☎\\ufe0f?|📞";
const MARKS = "[\\s\\u200e\\u200f\\u2066-\\u2069]*";
const AFTER_A_CALL = new RegExp(
  `(?:^|[^\\p{L}])(?:${CALLS})${MARKS}[.:]?${MARKS}(?:(?:ب|على|ل)ـ?${MARKS})?(?:(?:ال)?رقم|le|au|numéro|n°|number)?${MARKS}:?${MARKS}$`,
  "iu",
);
const AFTER_A_SERVICE = new RegExp(`(?:${SERVICES})[^\\d\\n]{0,30}$`, "iu");
const BEFORE_A_SERVICE = new RegExp(`^${MARKS}[:=(·–—-]?${MARKS}و?(?:${SERVICES})`, "iu");
const BEFORE_A_NAME = new RegExp(`^${MARKS}:${MARKS}\\p{L}`, "u");
const AT_THE_START = new RegExp(`^${MARKS}$`, "u");
const BEFORE_A_WORD = new RegExp(`^${MARKS}[\\p{L}%]`, "u");

const TITLE = /^\*([^*]+)\*$/u;
const BULLET = /^[\u2066-\u2069\u200e\u200f]*• ?/u;
const STEP = /^[\u2066-\u2069\u200e\u200f]*\d{1,2}[.)] /u;
const SOURCE = /^(?:المصدر|المصادر|Sources?)[\s\u00a0\u202f]*:/iu;

/** Lines that begin with a sign: cautions, notes, and the verdicts on rumours. @type {Record<string, Kind>} */
const SIGNS = { "⚠": "caution", "ℹ": "note", "❌": "false", "⛔": "scam", "✅": "true", "❓": "unproven" };
const SIGN = /^([⚠ℹ❌⛔✅❓])\ufe0f? */u;

const RIGHT_TO_LEFT = /\p{Script=Arabic}/u;
const LEFT_TO_RIGHT = /\p{Script=Latin}/u;
/** @type {Record<string, "rtl" | "ltr">} */
const DIRECTIONS = { ar: "rtl", ary: "rtl", fr: "ltr", en: "ltr", "ary-latn": "ltr" };

/** @typedef {{text: string, href?: string, kind?: "url" | "phone"}} Piece */
/** @typedef {"title" | "paragraph" | "list" | "step" | "source" | "caution" | "note" | "false" | "scam" | "true"
 *   | "unproven"} Kind */
/** @typedef {{kind: Kind, lines: Piece[][]}} Block */

/**
 * The direction of a message: the browser's own finding ("auto", from the first letter), except where a reply
 * in a known language happens to begin with a word of the other script.
 * @param {string} text @param {string} [language] @returns {"auto" | "rtl" | "ltr"}
 */
export function directionOf(text, language) {
  const declared = DIRECTIONS[language ?? ""];
  if (!declared) return "auto";
  const letter = text.match(/[\p{Script=Arabic}\p{Script=Latin}]/u)?.[0] ?? "";
  const found = RIGHT_TO_LEFT.test(letter) ? "rtl" : "ltr";
  const hasDeclared = (declared === "rtl" ? RIGHT_TO_LEFT : LEFT_TO_RIGHT).test(text);
  return found !== declared && hasDeclared ? declared : "auto";
}

/**
 * The address if it is one that a citizen may be sent to, else null: no scripts, no user names before an @.
 * @param {string} address @param {string[]} schemes
 */
export function safeUrl(address, schemes) {
  try {
    const url = new URL(address);
    return schemes.includes(url.protocol) && !url.username && !url.password ? url : null;
  } catch {
    return null;
  }
}

/** The host that a link's title is, however it is written; "" where it is more than that. @param {string} title */
export function hostIn(title) {
  const words = title.trim().toLowerCase().replace(/[\u2066-\u2069\u200e\u200f]/g, "");
  return words.match(/^(?:https?:\/\/)?(?:www\.)?([^\s/]+)\/?$/)?.[1] ?? "";
}

/** @param {string} text @returns {Block[]} */
export function blocksOf(text) {
  /** @type {Block[]} */
  const blocks = [];
  let isOpen = false;
  for (const line of text.replace(/\r\n?/g, "\n").split("\n")) {
    const kind = kindOf(line);
    const last = blocks.at(-1);
    if (!kind) isOpen = false;
    else if (isOpen && last?.kind === kind && (kind === "list" || kind === "paragraph")) last.lines.push(contentOf(line));
    else {
      blocks.push({ kind, lines: [contentOf(line)] });
      isOpen = true;
    }
  }
  return blocks;
}

/** @param {string} line @returns {Kind | null} */
function kindOf(line) {
  if (!line.trim()) return null;
  if (TITLE.test(line.trim())) return "title";
  if (BULLET.test(line)) return "list";
  if (STEP.test(line)) return "step";
  const sign = line.match(SIGN)?.[1];
  if (sign) return SIGNS[sign];
  return SOURCE.test(line) ? "source" : "paragraph";
}

/** @param {string} line */
function contentOf(line) {
  return piecesOf(line.trim().replace(TITLE, "$1").replace(BULLET, "").replace(SIGN, ""));
}

/** @param {string} line @returns {Piece[]} */
export function piecesOf(line) {
  /** @type {Piece[]} */
  const pieces = [];
  let end = 0;
  for (const match of line.matchAll(PIECES)) {
    const piece = match.index < end ? null : linkOf(match, line);
    if (!piece) continue;
    if (match.index > end) pieces.push({ text: line.slice(end, match.index) });
    pieces.push(piece);
    end = match.index + piece.text.length;
  }
  if (end < line.length) pieces.push({ text: line.slice(end) });
  return pieces;
}

/** @param {RegExpMatchArray} match @param {string} line @returns {Piece | null} */
function linkOf(match, line) {
  const { url, phone, short } = match.groups ?? {};
  if (url) return urlPiece(url);
  const start = match.index ?? 0;
  const [before, after] = [line.slice(0, start), line.slice(start + match[0].length)];
  if (/[\d+]$/.test(before) || /^\d/.test(after)) return null;
  if (phone) return { text: phone, href: `tel:${phone.replace(/[^\d+]/g, "")}`, kind: "phone" };
  return isCalled(short, before, after) ? { text: short, href: `tel:${short}`, kind: "phone" } : null;
}

/** @param {string} match @returns {Piece | null} */
function urlPiece(match) {
  let text = match.replace(/[.,;:!?،؛؟…*\]}]+$/u, "");
  while (text.endsWith(")") && !text.includes("(")) text = text.slice(0, -1).replace(/[.,;:!?،؛؟…]+$/u, "");
  const url = safeUrl(text, ["https:"]);
  return url && { text, href: url.href, kind: "url" };
}

/**
 * Whether a number of two to four figures is one to call: after "call", beside the name of an emergency service, or
 * at the head of a line that names whose it is.
 * "19 January", "15 days", "2026" and "law no. 19" are not.
 * @param {string} number @param {string} before @param {string} after
 */
function isCalled(number, before, after) {
  if (/[.,/٫-]$/.test(before) || /^[.,/٫:-]\d/.test(after)) return false;
  const isKnown = SHORT_NUMBERS.has(number);
  const isLine = number.length === 4 && !/^(?:19|20)/.test(number);
  if (isKnown && BEFORE_A_SERVICE.test(after)) return true;
  if ((isKnown || isLine) && AT_THE_START.test(before) && BEFORE_A_NAME.test(after)) return true;
  if (BEFORE_A_WORD.test(after) && !/^\s+(?:ou|or|et|and|أو|او|و)/u.test(after)) return false;
  return (isKnown && AFTER_A_SERVICE.test(before)) || ((isKnown || isLine) && AFTER_A_CALL.test(before));
}

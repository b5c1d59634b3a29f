// Shortcuts by the place of the key, so that they are the same on an Arabic layout; they can be switched off.

const PRESSES = { KeyC: "claim", KeyB: "return", KeyE: "close", KeyZ: "undo", KeyS: "suggest" };
const PLACES = { KeyR: "reply", KeyF: "search" };
const OPENS = { KeyN: "note", KeyT: "transfer" };
const QUESTION_MARKS = ["?", "؟"];

export const keysOn = () => document.querySelector("#keys-on").checked;

const named = (name) => document.querySelectorAll(`[data-shortcut=${name}]`);

function step(by) {
  const rows = [...document.querySelectorAll("#queue .case-row a")];
  const here = rows.findIndex((row) => row === document.activeElement || row.hasAttribute("aria-current"));
  const next = rows[Math.min(Math.max(here + by, 0), rows.length - 1)];
  next?.focus();
  next?.click();
}

function open(summary) {
  const details = summary.closest("details");
  details.open = true;
  details.querySelector("textarea, select")?.focus();
}

function act(code) {
  if (code === "KeyJ") return step(1);
  if (code === "KeyK") return step(-1);
  const [press, place, details] = [PRESSES, PLACES, OPENS].map((table) => table[code] && [...named(table[code])].at(-1));
  press?.click();
  place?.focus();
  if (details) open(details);
  return press ?? place ?? details;
}

function isWriting(element) {
  return element.closest?.("input, textarea, select, [contenteditable], dialog") !== null;
}

export function startKeys() {
  const dialog = document.querySelector("#shortcuts");
  document.querySelector("#shortcuts-open").addEventListener("click", () => dialog.showModal());
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && event.target.matches?.("textarea, input")) event.target.blur();
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || isWriting(event.target)) return;
    if (QUESTION_MARKS.includes(event.key)) {
      event.preventDefault();
      dialog.showModal();
    } else if (!event.shiftKey && keysOn() && act(event.code) !== undefined) {
      event.preventDefault();
    }
  });
}

// Replies and notes: drafts on the server, replies kept ready behind "/", answers that are taken over.

const DRAFT_MILLISECONDS = 800;
const TYPING_MILLISECONDS = 3000;

const composer = () => document.querySelector("#composer");
const reply = () => document.querySelector("#reply-text") ?? document.querySelector("#note-text");
const timers = new Map();
let typedAt = 0;
let kept = {};
let submitted = null;

function post(path, fields) {
  const form = composer().querySelector("form");
  const body = new URLSearchParams({ csrf: form.elements.csrf.value, ...fields });
  return fetch(path, { method: "POST", body, keepalive: true }).catch(() => null);
}

function keepDraft(area) {
  const path = `${composer().dataset.path}/draft`;
  clearTimeout(timers.get(area.id));
  const note = area.form.dataset.draft;
  timers.set(area.id, setTimeout(() => post(path, { text: area.value, note }), DRAFT_MILLISECONDS));
}

function tellTyping() {
  if (Date.now() - typedAt < TYPING_MILLISECONDS) return;
  typedAt = Date.now();
  post(`${composer().dataset.path}/typing`, {});
}

// What was written elsewhere in the same moment is not lost when the case is drawn anew.
export function saveTexts() {
  kept = { case: document.querySelector("#case")?.dataset.case };
  const here = document.activeElement;
  if (here?.matches("#composer textarea") && here.form !== submitted) kept.at = [here.id, here.selectionStart];
  for (const area of document.querySelectorAll("#composer textarea")) {
    if (area.form !== submitted) kept[area.id] = area.value;
  }
  const input = fileInput();
  if (input && input.form !== submitted) kept.files = input.files;
}

export function restoreTexts() {
  if (kept.case === document.querySelector("#case")?.dataset.case) {
    for (const area of document.querySelectorAll("#composer textarea")) {
      if (kept[area.id] && !area.value) area.value = kept[area.id];
    }
    if (kept.files?.length && fileInput()) fileInput().files = kept.files;
  }
  tellFile();
  const area = submitted && document.getElementById(submitted.querySelector("textarea")?.id ?? "reply-text");
  submitted = null;
  goOn();
  if (!area) return;
  if (!kept.at) area.focus();
  // A draft that was still on its way must not bring back what was just sent.
  if (area.value && !document.querySelector("#thread > .said")) {
    area.value = "";
    keepDraft(area);
  }
}

// Whoever is writing already goes on where they are.
function goOn() {
  const area = kept.at && document.getElementById(kept.at[0]);
  if (!area || kept.case !== document.querySelector("#case")?.dataset.case) return;
  area.closest("details")?.setAttribute("open", "");
  area.focus();
  area.setSelectionRange(kept.at[1], kept.at[1]);
}

export function insert(text) {
  const area = reply();
  if (!area) return;
  area.closest("details")?.setAttribute("open", "");
  area.focus();
  area.setRangeText(text, area.selectionStart, area.selectionEnd, "end");
  area.dispatchEvent(new Event("input", { bubbles: true }));
}

// -- A file with the reply ----------------------------------------------------

const fileInput = () => document.querySelector("#reply-file");

function sizeOf(file, words) {
  const [unit, name] = file.size < 1024 * 1024 ? [1024, words.kb] : [1024 * 1024, words.mb];
  return name.replace("{number}", Math.max(file.size / unit, 0.1).toFixed(1));
}

// A file that is too large is told of before it is sent.
function tellFile() {
  const input = fileInput();
  if (!input) return;
  const file = input.files[0];
  const said = document.querySelector("#reply-file-said");
  const isTooLarge = file && file.size > Number(input.dataset.largest);
  input.setCustomValidity(isTooLarge ? said.dataset.tooLarge : "");
  const name = document.createElement("bdi");
  name.textContent = file?.name ?? "";
  const words = file ? [name, ` · ${sizeOf(file, said.dataset)}`] : [];
  said.replaceChildren(...words, isTooLarge ? ` · ${said.dataset.tooLarge}` : "");
  document.querySelector("#reply-file-remove").hidden = !file;
  if (file) input.closest("details").open = true;
}

function removeFile() {
  fileInput().value = "";
  tellFile();
  fileInput().focus();
}

// -- Replies kept ready ------------------------------------------------------

const canned = () => document.querySelector("#canned");
const options = () => [...canned().querySelectorAll("[role=option]")];
const chosen = () => canned().querySelector("[aria-selected=true]");

function choose(option) {
  options().forEach((one) => one.setAttribute("aria-selected", String(one === option)));
  option?.scrollIntoView({ block: "nearest" });
}

async function offer(area) {
  if (!area.value.startsWith("/") || area.value.includes("\n")) {
    canned().hidden = true;
    return;
  }
  const asked = area.value;
  const words = new URLSearchParams({ words: asked.slice(1) });
  const response = await fetch(`${composer().dataset.path}/canned?${words}`).catch(() => null);
  if (!response?.ok || area.value !== asked) return;
  canned().innerHTML = await response.text();
  canned().hidden = false;
  choose(options()[0]);
}

function take(option) {
  const area = reply();
  area.value = option.dataset.text;
  canned().hidden = true;
  area.focus();
  area.dispatchEvent(new Event("input", { bubbles: true }));
}

function moveIn(event) {
  const all = options();
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step && all.length) {
    choose(all[(all.indexOf(chosen()) + step + all.length) % all.length]);
  } else if ((event.key === "Enter" || event.key === "Tab") && chosen()) {
    take(chosen());
  } else if (event.key === "Escape") {
    canned().hidden = true;
  } else {
    return;
  }
  event.preventDefault();
  event.stopPropagation();
}

export function startComposer() {
  document.addEventListener("input", (event) => {
    if (!event.target.matches("#composer .reply-form textarea, #composer .note-form textarea")) return;
    keepDraft(event.target);
    tellTyping();
    if (event.target.id === "reply-text") offer(event.target);
  });
  document.addEventListener("change", (event) => {
    if (event.target.id === "reply-file") tellFile();
  });
  document.addEventListener("keydown", (event) => {
    if (!event.target.matches?.("#composer textarea")) return;
    if (event.target.id === "reply-text" && canned() && !canned().hidden) moveIn(event);
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      event.target.form.requestSubmit();
    }
  }, true);
  document.addEventListener("submit", (event) => {
    if (!event.target.closest("#composer")) return;
    submitted = event.target;
    for (const timer of timers.values()) clearTimeout(timer);
  }, true);
  document.addEventListener("click", (event) => {
    const option = event.target.closest("#canned [role=option]");
    if (option) take(option);
    if (event.target.closest("#reply-file-remove")) removeFile();
    const button = event.target.closest("[data-insert]");
    if (button) insert(button.dataset.insert);
  });
}

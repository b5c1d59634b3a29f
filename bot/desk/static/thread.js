// What is shown anew when something has happened: lines of the thread, who is there, the head of the case, the queue.

const NEAR_END_PIXELS = 120;
const QUEUE_PAUSE_MILLISECONDS = 1000;

const box = () => document.querySelector(".lines-box");

export function toEnd() {
  const lines = box();
  if (lines) lines.scrollTop = lines.scrollHeight;
}

function parse(html) {
  const made = document.createElement("template");
  made.innerHTML = html;
  return made.content;
}

export function showLines(html) {
  const list = document.querySelector("#case #lines");
  if (!list) return;
  const lines = box();
  const isAtEnd = lines.scrollHeight - lines.scrollTop - lines.clientHeight < NEAR_END_PIXELS;
  for (const line of [...parse(html).children]) put(list, line);
  if (isAtEnd) toEnd();
}

function put(list, line) {
  const known = document.getElementById(line.id);
  if (known) {
    known.replaceWith(line);
  } else {
    const before = [...list.children].findLast((one) => one.dataset.at <= line.dataset.at);
    if (before) before.after(line);
    else list.prepend(line);
    tell(line);
  }
  htmx.process(line);
}

function tell(line) {
  const { author, id } = line.dataset;
  if (author === "citizen") {
    document.querySelectorAll("#case input[name=seen]").forEach((field) => (field.value = id));
  }
  if (author === "staff") return;
  document.querySelector("#said-live").textContent = line.textContent.replace(/\s+/g, " ").trim();
}

export function showWatchers(html) {
  document.querySelector("#watchers")?.replaceChildren(parse(html));
}

async function fetched(path) {
  const response = await fetch(path, { headers: { "HX-Request": "true" } });
  const next = response.headers.get("HX-Redirect");
  if (next) location.assign(next);
  return response.ok ? parse(await response.text()) : null;
}

export async function refreshCase() {
  const shown = document.querySelector("#case");
  if (!shown?.dataset.case) return;
  const found = await fetched(`/desk/cases/${shown.dataset.case}/state${location.search}`);
  const fresh = found?.querySelector("#case");
  if (!fresh || document.querySelector("#case") !== shown || fresh.dataset.version < shown.dataset.version) return;
  shown.dataset.version = fresh.dataset.version;
  // Whoever fills in a form there goes on with it.
  if (!shown.querySelector(".more[open]")) swap(shown, fresh, "#case-head");
  if (shown.querySelector("#composer")?.dataset.mode !== fresh.querySelector("#composer")?.dataset.mode) {
    swap(shown, fresh, "#composer");
  }
}

function swap(shown, fresh, selector) {
  const [before, after] = [shown.querySelector(selector), fresh.querySelector(selector)];
  if (!before || !after) return;
  const focused = before.contains(document.activeElement) ? document.activeElement.dataset.shortcut : null;
  before.replaceWith(after);
  htmx.process(after);
  if (focused) after.querySelector(`[data-shortcut=${focused}]`)?.focus();
}

let queueTimer = 0;
let queueAt = 0;

// At once, and then once a second at most: a busy desk does not ask all the time.
export function refreshQueue() {
  clearTimeout(queueTimer);
  const wait = Math.max(0, queueAt + QUEUE_PAUSE_MILLISECONDS - Date.now());
  queueTimer = setTimeout(drawQueue, wait);
}

async function drawQueue() {
  queueAt = Date.now();
  const shown = document.querySelector("#queue");
  const found = shown && (await fetched(`/desk/inbox/queue${location.search}`).catch(() => null));
  const fresh = found?.querySelector("#queue");
  if (!fresh) return;
  const focused = shown.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
  shown.querySelector(".views").replaceWith(fresh.querySelector(".views"));
  shown.querySelectorAll(":scope > :not(.queue-top)").forEach((part) => part.remove());
  shown.append(...fresh.querySelectorAll(":scope > :not(.queue-top)"));
  htmx.process(shown);
  markChosen(document.querySelector("#case")?.dataset.case ?? "");
  if (focused) shown.querySelector(`a[href="${CSS.escape(focused)}"]`)?.focus();
}

export function markChosen(caseId) {
  for (const row of document.querySelectorAll("#queue .case-row")) {
    const link = row.querySelector("a");
    if (caseId && row.dataset.case === caseId) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
}

// Older messages are put above, and the reader stays where they are.
document.addEventListener("click", async (event) => {
  const link = event.target.closest("#case #earlier");
  if (!link || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  const found = await fetched(link.href);
  if (!found) return;
  const lines = box();
  const below = lines.scrollHeight - lines.scrollTop;
  const more = found.querySelector("#earlier");
  const list = document.querySelector("#case #lines");
  const older = [...found.querySelectorAll("#lines > li")];
  list.prepend(...older);
  older.forEach((line) => htmx.process(line));
  if (more) link.href = more.getAttribute("href");
  else link.remove();
  lines.scrollTop = lines.scrollHeight - below;
});

// How long a reply can still be taken back.
setInterval(() => {
  for (const button of document.querySelectorAll("#lines button[data-until]")) {
    const left = Math.ceil((new Date(button.dataset.until) - Date.now()) / 1000);
    button.dataset.words ??= button.textContent;
    if (left > 0) button.textContent = `${button.dataset.words} (${left})`;
    else button.closest("form").remove();
  }
}, 500);

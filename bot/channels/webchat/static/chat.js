// The citizen's page: makes the parts and ties them together. The parts import nothing, so that each carries this
// file's version in its address and a new release is never mixed with an old one from a cache.

const { search: version } = new URL(import.meta.url);
const load = (/** @type {string} */ name) => import(`./${name}.js${version}`);
const NAMES = ["api", "outbox", "stream", "text", "message", "transcript", "scrolling", "notices", "composer", "location", "dialogs", "memory"];
const [api, outboxes, streams, text, messages, transcripts, scrollings, noticeboard, composers, locations, dialogs, memories] =
  await Promise.all(NAMES.map(load));

const { language = "ar", door = "chat", host, strings: json = "{}" } = document.body.dataset;
/** @type {Record<string, string>} */
const strings = JSON.parse(json);
const find = (/** @type {string} */ id) => /** @type {any} */ (document.getElementById(id));
const brand = /** @type {HTMLImageElement} */ (document.querySelector(".brand img"));
const pageTitle = document.title;
const HAS_TALKED = "talked";
const LANGUAGE = "language";
const RECONNECT_AFTER_MS = 2000;
const LOADING_AFTER_MS = 600;
const ECHO_MS = 8000;

let conversation = "";
let isReady = false;
let isStartingAnew = false;
let unread = 0;
/** @type {number | undefined} */
let reconnectTimer;

const forThisTab = memories.createMemory("sessionStorage", door);
const forLater = memories.createMemory("localStorage", door);
const server = api.createApi({ door, language, onConversation: meet });
const otherTabs = "BroadcastChannel" in window ? new BroadcastChannel(`jawab.${door}`) : null;
const notices = noticeboard.createNotices({
  connection: find("connection"),
  hint: find("hint"),
  announcer: find("announcer"),
  strings,
});
const scrolling = scrollings.createScrolling({
  top: document.querySelector(".top"),
  dock: find("dock"),
  jump: find("jump"),
  isEmpty: () => transcript.isEmpty(),
});
const outbox = outboxes.createOutbox({
  send: server.sendMessage,
  isOnline: () => navigator.onLine,
  memory: forThisTab,
  onChange: showUnsent,
  onFailure: lookForServer,
});
const view = messages.createMessageView({
  strings,
  language,
  iconUrl: brand.src,
  text,
  onResend: resend,
  onEdit: edit,
});
const transcript = transcripts.createTranscript({
  log: find("log"),
  replies: find("replies"),
  typing: find("typing"),
  view,
  element: messages.element,
  onReply: (/** @type {{title: string, payload: string}} */ { title, payload }) => send({ payload, text: title }, { isPressed: true }),
});
const stream = streams.createStream({
  openSession: () => server.openSession({ fresh: false }),
  eventsUrl: server.eventsUrl,
  onMessage: arrive,
  onTyping,
  onReady: ready,
  onDown,
});
const composer = composers.createComposer({
  form: find("composer"),
  question: find("question"),
  counter: find("counter"),
  strings,
  memory: forThisTab,
  announce: notices.announce,
  onSend: (/** @type {string} */ words) => send({ text: words }),
});

/** In another site's frame only. */
const frame =
  host === undefined
    ? null
    : (await load("frame")).createFrame({
        host,
        closeButton: find("frame-close"),
        memory: forLater,
        onShown: (/** @type {boolean} */ isAsked) => {
          if (isAsked) (isTouched() ? find("log") : find("question")).focus({ preventScroll: true });
          if (!transcript.isEmpty()) scrolling.toEnd({ isSmooth: false });
        },
      });

/** The conversation that the server holds now; the page shows no other's messages. @param {string} id */
function meet(id) {
  const isAnother = conversation && id !== conversation;
  conversation = id;
  if (!isAnother) return;
  if (frame && !isReady && !isStartingAnew) return sayNoSession();
  transcript.clear();
  outbox.forgetAccepted();
  showWelcome(true);
  stream.forget();
  if (stream.isListening()) stream.reopen();
}

/** A new conversation before the first was ready: the browser kept no cookie for this frame, and never will. */
function sayNoSession() {
  stream.stop();
  find("no-session").hidden = false;
  notices.announce(find("no-session").textContent);
}

/** @param {any} message */
function arrive(message) {
  if (message.client_id) outbox.remove(message.client_id);
  frame?.note(message);
  if (!transcript.show(message)) return;
  find("loading").hidden = true;
  showWelcome(false);
  if (!isReady) return;
  scrolling.follow(transcript.lastQuestion());
  if (document.hidden && message.author !== "citizen") document.title = `(${++unread}) ${pageTitle}`;
}

/** @param {boolean} on */
function onTyping(on) {
  transcript.setTyping(on);
  if (on) scrolling.follow(transcript.lastQuestion());
}

/** Everything earlier is on the page; from here on, screen readers hear what comes. */
function ready() {
  notices.lineUp();
  if (!isReady) begin();
  outbox.resume();
  scrolling.look();
}

function begin() {
  isReady = true;
  find("loading").hidden = true;
  showWelcome(transcript.isEmpty());
  if (!transcript.isEmpty()) scrolling.toEnd({ isSmooth: false });
  const log = find("log");
  log.setAttribute("aria-busy", "false");
  setTimeout(() => log.setAttribute("aria-live", "polite"));
}

function onDown() {
  notices.lineDown();
  if (isReady) return;
  find("loading").hidden = true;
  showWelcome(transcript.isEmpty());
}

/** A message did not leave although the stream seemed whole: ask anew, and let what was left go once. */
function lookForServer() {
  clearTimeout(reconnectTimer);
  notices.announce(strings.status_failed);
  if (!outbox.hasUnresent()) return;
  notices.lineDown();
  reconnectTimer = setTimeout(stream.reopen, RECONNECT_AFTER_MS);
}

/** @param {import("./outbox.js").Item} item */
function showUnsent(item) {
  transcript.showUnsent(item);
  showWelcome(false);
  if (item.state === "accepted") awaitEcho(item.id);
  if (item.state === "refused") notices.announce(strings[`status_${item.reason}`]);
}

/** The server has it but does not show it back: the stream is dead, though nobody has told the browser. @param {string} id */
function awaitEcho(id) {
  setTimeout(() => outbox.has(id) && stream.reopen(), ECHO_MS);
}

const isTouched = () => matchMedia("(pointer: coarse)").matches;

/** @param {Record<string, any>} body @param {{isPressed?: boolean}} [how] */
function send(body, { isPressed = false } = {}) {
  notices.hideHint();
  outbox.add(body);
  scrolling.toEnd();
  // The pressed button is gone; on a phone the box would bring the keyboard up.
  if (isPressed) (isTouched() ? find("log") : find("question")).focus({ preventScroll: true });
}

/** @param {string} id */
function resend(id) {
  outbox.resend(id);
  composer.focus();
}

/** @param {string} id */
function edit(id) {
  const words = outbox.textOf(id);
  outbox.remove(id);
  transcript.takeBack(id);
  showWelcome(transcript.isEmpty());
  composer.fill(words);
  composer.focus();
}

/** @param {boolean} isShown */
function showWelcome(isShown) {
  find("welcome").hidden = !isShown;
  forLater.set(HAS_TALKED, isShown ? "" : "1");
}

async function shareLocation() {
  notices.showHint(strings.location_asking);
  const found = await locations.findLocation();
  if (typeof found === "object") return send(found, { isPressed: true });
  notices.showHint(found === "refused" ? strings.location_refused : strings.location_failed);
  composer.focus();
}

async function startAnew() {
  isStartingAnew = true;
  try {
    await server.openSession({ fresh: true });
  } catch {
    find("new-problem").hidden = false;
    return;
  } finally {
    isStartingAnew = false;
  }
  outbox.clear();
  otherTabs?.postMessage("new");
  find("new-dialog").close();
  notices.announce(strings.new_started);
  composer.focus();
}

/** The language chosen before, on a visit that names none; true when the page is on its way out. */
function followChosenLanguage() {
  const query = new URLSearchParams(location.search);
  // A frame's language is the choice of the site around it, until a citizen presses another.
  const isNamed = query.has(frame ? "chosen" : "lang");
  const chosen = forLater.get(LANGUAGE);
  if (isNamed) forLater.set(LANGUAGE, language);
  if (isNamed || !["ar", "fr", "en"].includes(chosen) || chosen === language) return false;
  query.set("lang", chosen);
  if (frame) query.set("chosen", "1");
  location.replace(`?${query}`);
  return true;
}

function awaitEarlierMessages() {
  showWelcome(false);
  setTimeout(() => (find("loading").hidden = isReady || !transcript.isEmpty()), LOADING_AFTER_MS);
}

function connectPage() {
  for (const example of document.querySelectorAll(".examples button")) {
    example.addEventListener("click", () => send({ text: example.textContent }, { isPressed: true }));
  }
  find("location")?.addEventListener("click", shareLocation);
  find("new-confirm").addEventListener("click", startAnew);
  dialogs.connectDialog(find("new-conversation"), find("new-dialog"), () => (find("new-problem").hidden = true));
  dialogs.connectDialog(find("about-open"), find("about-dialog"));
  otherTabs?.addEventListener("message", stream.reopen);
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) return;
    unread = 0;
    document.title = pageTitle;
  });
}

if (!followChosenLanguage()) {
  connectPage();
  frame?.hello();
  if (forLater.get(HAS_TALKED)) awaitEarlierMessages();
  outbox.restore();
  stream.open();
}

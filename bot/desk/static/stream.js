// One stream a page. It comes back by itself and tells how far it has been told, so no line is lost or shown twice.

const RETRY_MILLISECONDS = 2000;
const NAMES = ["lines", "watchers", "case", "queue"];

let source = null;
let timer = 0;
// How far the stream has told the thread.
let told = "";

export const toldSoFar = () => told;

export function connect(handlers, isAgain = false) {
  clearTimeout(timer);
  source?.close();
  const shown = document.querySelector("#case");
  const asked = new URLSearchParams();
  told = shown?.dataset.cursor ?? "";
  if (shown?.dataset.case) {
    asked.set("case", shown.dataset.case);
    asked.set("seen", shown.dataset.cursor);
  }
  const own = new EventSource(`/desk/events?${asked}`);
  source = own;
  let wasReady = isAgain;
  for (const name of NAMES) {
    own.addEventListener(name, (event) => {
      const there = document.querySelector("#case");
      if (event.lastEventId) told = event.lastEventId;
      if (event.lastEventId && there) there.dataset.cursor = event.lastEventId;
      handlers[name](event.data);
    });
  }
  own.addEventListener("ready", () => {
    document.querySelector("#connection").hidden = true;
    document.body.dataset.stream = "open";
    handlers.ready(wasReady);
    wasReady = true;
  });
  own.addEventListener("ended", () => location.reload());
  own.addEventListener("error", () => {
    if (own !== source) return;
    document.body.dataset.stream = "broken";
    document.querySelector("#connection").hidden = false;
    if (own.readyState === EventSource.CLOSED) timer = setTimeout(() => connect(handlers, true), RETRY_MILLISECONDS);
  });
}

addEventListener("pagehide", () => source?.close());
addEventListener("pageshow", (event) => event.persisted && location.reload());

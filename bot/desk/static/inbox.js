// The pages of conversations, put together: what is live, what is written, what keys do.

import { restoreTexts, saveTexts, startComposer } from "./composer.js";
import { startKeys } from "./keys.js";
import { ring, startSwitches } from "./notices.js";
import { connect, toldSoFar } from "./stream.js";
import { markChosen, refreshCase, refreshQueue, showLines, showWatchers, toEnd } from "./thread.js";

htmx.config.history = "reload";
// Else it carries styles over from one element to the next, which the policy forbids.
htmx.config.defaultSettleDelay = 0;

const shownCase = () => document.querySelector("#case")?.dataset.case ?? "";
let connected = null;

function follow() {
  const shown = shownCase();
  document.querySelector("main.inbox")?.classList.toggle("has-case", Boolean(shown));
  markChosen(shown);
  if (matchMedia("(max-width: 60em)").matches) document.querySelector("#case .handoff")?.removeAttribute("open");
  // A case that was drawn before a line came, and put in after it, lacks that line: it is told again from there.
  const isTold = (document.querySelector("#case")?.dataset.cursor ?? "") === toldSoFar();
  if (shown === connected && isTold) return;
  connected = shown;
  connect({
    ready: (isAgain) => isAgain && (refreshQueue(), refreshCase()),
    lines: showLines,
    watchers: showWatchers,
    case: refreshCase,
    queue: (data) => {
      refreshQueue();
      ring(JSON.parse(data));
    },
  });
}

document.addEventListener("htmx:before:swap", saveTexts);
document.addEventListener("htmx:after:swap", () => {
  restoreTexts();
  follow();
  toEnd();
  refreshQueue();
});

startComposer();
startKeys();
startSwitches();
follow();
toEnd();
document.body.dataset.live = "true";

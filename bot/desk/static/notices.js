// A sound and a notice of the machine's when somebody waits, for those who want them; neither tells what was said.

const PAUSE_MILLISECONDS = 3000;
let rangAt = 0;

const isOn = (name) => document.querySelector(`#${name}-on`).checked;

async function isKept(form) {
  try {
    const answer = await fetch(form.action, { method: "POST", body: new FormData(form), redirect: "manual" });
    return answer.ok || answer.type === "opaqueredirect";
  } catch {
    return false;
  }
}

// What is ticked is kept with the account, at once; the button is for browsers without scripts.
export function startSwitches() {
  const form = document.querySelector("#switches");
  form.querySelector("button").hidden = true;
  form.addEventListener("change", async ({ target }) => {
    if (target.id === "notices-on" && target.checked) target.checked = (await Notification.requestPermission()) === "granted";
    if (!(await isKept(form))) target.checked = !target.checked;
  });
}

function beep() {
  const context = new AudioContext();
  const tone = context.createOscillator();
  const volume = context.createGain();
  volume.gain.setValueAtTime(0.15, context.currentTime);
  volume.gain.exponentialRampToValueAtTime(0.001, context.currentTime + 0.4);
  tone.frequency.value = 660;
  tone.connect(volume).connect(context.destination);
  tone.start();
  tone.stop(context.currentTime + 0.4);
  tone.addEventListener("ended", () => context.close());
}

export function ring({ rings, case: caseId }) {
  if (!rings || Date.now() - rangAt < PAUSE_MILLISECONDS) return;
  rangAt = Date.now();
  if (isOn("sound")) beep();
  if (!isOn("notices") || !document.hidden || Notification.permission !== "granted") return;
  const notice = new Notification(document.title, { tag: caseId });
  notice.addEventListener("click", () => {
    window.focus();
    location.assign(`/desk/cases/${caseId}`);
  });
}

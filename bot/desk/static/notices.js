// A sound and a notice of the machine's when somebody waits, for those who want them; neither tells what was said.

const SOUND = "jawab-sound";
const NOTICES = "jawab-notices";
const PAUSE_MILLISECONDS = 3000;
let rangAt = 0;

function bind(id, name, allow = async () => true) {
  const box = document.querySelector(id);
  box.checked = localStorage.getItem(name) !== null;
  box.addEventListener("change", async () => {
    if (box.checked && (await allow())) localStorage.setItem(name, "1");
    else {
      box.checked = false;
      localStorage.removeItem(name);
    }
  });
}

export function startNotices() {
  bind("#sound-on", SOUND);
  bind("#notices-on", NOTICES, async () => (await Notification.requestPermission()) === "granted");
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
  if (localStorage.getItem(SOUND) !== null) beep();
  if (localStorage.getItem(NOTICES) === null || !document.hidden || Notification.permission !== "granted") return;
  const notice = new Notification(document.title, { tag: caseId });
  notice.addEventListener("click", () => {
    window.focus();
    location.assign(`/desk/cases/${caseId}`);
  });
}

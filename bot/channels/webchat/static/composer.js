// The question box: Enter sends, Shift+Enter begins a line, a counter near the limit, a draft that outlives a reload.

const LIMIT = 2000;
const NEAR_LIMIT = 200;
const DRAFT = "draft";

/**
 * @param {{form: HTMLFormElement, question: HTMLTextAreaElement, counter: HTMLElement, strings: Record<string, string>,
 *   memory: import("./memory.js").Memory, announce: (words: string) => void, onSend: (text: string) => void}} parts
 */
export function createComposer({ form, question, counter, strings, memory, announce, onSend }) {
  const pageDirection = document.documentElement.dir;
  const growsByItself = CSS.supports("field-sizing", "content");
  let lastSaid = Infinity;

  function changed() {
    const left = LIMIT - [...question.value.trim()].length;
    // An empty box would lose the direction of its placeholder.
    question.dir = question.value ? "auto" : pageDirection;
    count(left);
    if (!growsByItself) {
      question.style.height = "auto";
      question.style.height = `${question.scrollHeight}px`;
    }
    memory.set(DRAFT, question.value);
  }

  /** @param {number} left */
  function count(left) {
    const words = left < 0 ? strings.characters_over : strings.characters_left;
    counter.textContent = words.replace("{count}", String(Math.abs(left)));
    counter.hidden = left > NEAR_LIMIT;
    counter.classList.toggle("over", left < 0);
    question.setAttribute("aria-invalid", String(left < 0));
    // Said at some steps only: nobody wants each letter counted aloud.
    const step = left < 0 ? -1 : Math.ceil(left / 50);
    if (left <= NEAR_LIMIT && step < lastSaid) announce(counter.textContent);
    lastSaid = left <= NEAR_LIMIT ? step : Infinity;
  }

  function submit() {
    const text = question.value.trim();
    if (!text) question.focus();
    else if ([...text].length > LIMIT) announce(strings.question_too_long.replace("{limit}", String(LIMIT)));
    else {
      fill("");
      onSend(text);
    }
  }

  /** @param {string} text */
  function fill(text) {
    question.value = text;
    changed();
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    submit();
  });
  question.addEventListener("input", changed);
  question.addEventListener("keydown", (event) => {
    // While a keyboard composes a word, Enter ends that word.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    submit();
  });
  fill(question.value || memory.get(DRAFT));
  return { fill, focus: () => question.focus({ preventScroll: true }) };
}

// Where the page stands: at the end while the citizen follows, never torn away from what they are reading.

const NEAR_PX = 120;
/** So much may lie below without a sign: less than a row of buttons. */
const UNTOLD_PX = 16;
const AIR_PX = 12;
const LONGEST_MOVE_MS = 800;

/** @param {{top: HTMLElement, dock: HTMLElement, jump: HTMLElement, isEmpty: () => boolean}} parts */
export function createScrolling({ top, dock, jump, isEmpty }) {
  const page = document.documentElement;
  const isCalm = matchMedia("(prefers-reduced-motion: reduce)");
  let isFollowing = true;
  /** Until then it is we who scroll, not the citizen. */
  let movingUntil = 0;

  const end = () => Math.max(0, page.scrollHeight - innerHeight);
  const headHeight = () => (getComputedStyle(top).position === "sticky" ? top.offsetHeight : 0);

  /** How far to scroll for it to stand right under the header. @param {Element} element */
  const placeOf = (element) => element.getBoundingClientRect().top + scrollY - headHeight() - AIR_PX;

  /** @param {number} to @param {boolean} isSmooth */
  function go(to, isSmooth) {
    movingUntil = performance.now() + LONGEST_MOVE_MS;
    scrollTo({ top: to, behavior: isSmooth && !isCalm.matches ? "smooth" : "instant" });
    // Where there was no way to go, nothing says that we have arrived.
    setTimeout(look, LONGEST_MOVE_MS + 1);
  }

  function toEnd({ isSmooth = true } = {}) {
    isFollowing = true;
    go(end(), isSmooth);
  }

  /** A new reply: its end if the reply fits, else the question with the beginning of the reply. @param {Element | null} question */
  function follow(question) {
    if (!isFollowing) return;
    const reply = question?.nextElementSibling ?? question;
    const isFitting = !reply || end() <= placeOf(reply);
    const to = isFitting || !question ? end() : Math.min(end(), Math.max(0, placeOf(question)));
    if (to < end() - NEAR_PX) isFollowing = false;
    go(to, true);
    look();
  }

  function look() {
    const left = end() - scrollY;
    if (!isMoving()) isFollowing = left < NEAR_PX;
    jump.hidden = isEmpty() || left < UNTOLD_PX || (isFollowing && isMoving());
  }

  const isMoving = () => performance.now() < movingUntil;

  function arrived() {
    movingUntil = 0;
    look();
  }

  /** The bars cover what lies under them: the style sheet has to know, to bring focus into the open. */
  function measure() {
    page.style.setProperty("--under-top", `${headHeight() + AIR_PX}px`);
    page.style.setProperty("--under-dock", `${dock.offsetHeight + AIR_PX}px`);
    if (isFollowing && !isEmpty()) go(end(), false);
  }

  jump.addEventListener("click", () => toEnd());
  addEventListener("scroll", look, { passive: true });
  addEventListener("scrollend", arrived);
  addEventListener("resize", measure);
  const observer = new ResizeObserver(measure);
  observer.observe(top);
  observer.observe(dock);
  document.fonts.ready.then(measure);
  return { toEnd, follow, look };
}

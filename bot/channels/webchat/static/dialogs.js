// Dialogs: opened by a button; closed by their own button, a press beside them, or Escape (which the browser sees to).

/** @param {HTMLElement} opener @param {HTMLDialogElement} dialog @param {() => void} [onOpen] */
export function connectDialog(opener, dialog, onOpen) {
  opener.addEventListener("click", () => {
    onOpen?.();
    dialog.showModal();
    // The attribute `autofocus` would do the same, but for complaints where the page stands in another site's frame.
    /** @type {HTMLElement | null} */ (dialog.querySelector("[data-first]"))?.focus();
  });
  dialog.addEventListener("click", (event) => {
    const target = /** @type {HTMLElement} */ (event.target);
    if (target.closest("[data-close]") || (target === dialog && isOutside(event, dialog))) dialog.close();
  });
}

/** @param {MouseEvent} event @param {HTMLDialogElement} dialog */
function isOutside(event, dialog) {
  const { left, right, top, bottom } = dialog.getBoundingClientRect();
  return event.clientX < left || event.clientX > right || event.clientY < top || event.clientY > bottom;
}

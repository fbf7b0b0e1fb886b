// <button data-opens="id"> opens a <dialog id>. A link with data-dialog opens its page inside #dialog: without
// script, and with Ctrl or the middle button, it is an ordinary link.

function close(dialog) {
  dialog?.close();
}

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-opens]");
  if (opener) document.getElementById(opener.dataset.opens)?.showModal();
  if (event.target.closest("[data-closes]")) close(event.target.closest("dialog"));
  // A click on the backdrop lands on the dialog itself, outside its box.
  if (event.target instanceof HTMLDialogElement && event.target.open) {
    const box = event.target.getBoundingClientRect();
    const inside = event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
    if (!inside && (event.clientX || event.clientY) && !event.target.querySelector("[data-dirty]")) close(event.target);
  }
  const link = event.target.closest("a[data-dialog]");
  if (!link || event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  const dialog = document.getElementById("dialog");
  if (!dialog || !window.htmx) return;
  event.preventDefault();
  window.htmx.ajax("GET", link.href, { target: "#dialog-content", swap: "innerHTML" }).then(() => {
    if (!dialog.open && document.getElementById("dialog-content").childElementCount) dialog.showModal();
    (dialog.querySelector("[autofocus]") ?? dialog.querySelector("input:not([type=hidden]), textarea, select"))?.focus();
  });
});

// Until the next frame the focus rests in the closed dialog; keys struck meanwhile belong to the page.
document.addEventListener("close", (event) => {
  if (event.target.contains(document.activeElement)) document.activeElement.blur();
}, true);

// What was typed is not thrown away by a stray click beside the dialog.
document.addEventListener("input", (event) => {
  const form = event.target.closest?.("dialog form:not([method=dialog])");
  if (form) form.dataset.dirty = "yes";
});

document.addEventListener("dialog:close", () => {
  const dialog = document.getElementById("dialog");
  close(dialog);
  document.getElementById("dialog-content")?.replaceChildren();
});

// Short messages in the corner. From the server: a `messages` entry, an out-of-band swap of web/ui/toast.html
// into #toasts, or the header HX-Trigger: {"toast": {"text", "level", "undo_url", "seconds"}}.
// From scripts: document.body.dispatchEvent(new CustomEvent("toast", {detail: {text, level}})).
import { say } from "./shared.js";

const SECONDS = 6;
const SECONDS_TO_UNDO = 10;

/** Start the toast's clock; it stands still while a pointer or the focus is on it. Errors stay until closed. */
function start(toast) {
  if (toast.dataset.started) return;
  toast.dataset.started = "yes";
  const undo = toast.querySelector("[data-toast-undo]");
  const asked = Number(toast.dataset.seconds);
  if (toast.dataset.level === "error" && !undo && !asked) return;
  let left = asked || (undo ? SECONDS_TO_UNDO : SECONDS);
  const shown = toast.querySelector("[data-toast-left]");
  const tick = () => {
    if (shown) shown.textContent = left > 0 ? ` ${left}` : "";
    if (left <= 0) toast.remove();
    if (!toast.isConnected) clearInterval(clock);
    if (!toast.matches(":hover, :focus-within")) left -= 1;
  };
  const clock = setInterval(tick, 1000);
  tick();
}

export function toast({ text, hint, level = "info", undo_url: undoUrl, seconds }) {
  const template = document.getElementById(undoUrl ? "ui-toast-undo" : "ui-toast");
  const region = document.getElementById("toasts");
  if (!template || !region) return;
  const element = template.content.firstElementChild.cloneNode(true);
  element.dataset.level = level;
  const words = element.querySelector(".toast-text");
  words.textContent = text;
  if (hint) {
    const more = document.createElement("span");
    more.className = "muted";
    more.textContent = hint;
    words.append(" ", more);
  }
  if (seconds) element.dataset.seconds = seconds;
  if (level === "error") element.setAttribute("role", "alert");
  const name = { success: "circle-check", warning: "alert-triangle", error: "alert-circle" }[level] ?? "info-circle";
  const icon = document.querySelector(`template[data-icon="${name}"]`);
  if (icon) element.querySelector(":scope > .icon").replaceWith(icon.content.cloneNode(true));
  element.querySelector("[data-toast-undo]")?.setAttribute("hx-post", undoUrl);
  region.append(element);
  window.htmx?.process(element);
}

document.addEventListener("toast", (event) => toast(event.detail ?? {}));
document.addEventListener("click", (event) => event.target.closest("[data-toast-close]")?.closest("[data-toast]").remove());
document.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.successful) event.target.closest?.("[data-toast-undo]")?.closest("[data-toast]").remove();
});
// A refusal with more than words (other times to choose) goes to #toasts instead of over the form that met it.
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.xhr.getResponseHeader("HX-Retarget") !== "#toasts") return;
  event.detail.shouldSwap = true;
  event.detail.isError = false;
});
document.addEventListener("htmx:responseError", (event) => {
  // The server's own words, when it sent some with the refusal (HX-Trigger: toast), have been shown already.
  if (!/"toast"/.test(event.detail.xhr.getResponseHeader("HX-Trigger") ?? "")) toast({ text: say("failed"), level: "error" });
});
document.addEventListener("htmx:sendError", (event) => {
  if (event.detail.requestConfig?.verb !== "get") toast({ text: say("offline"), level: "warning" });
});

const region = document.getElementById("toasts");
if (region) {
  region.querySelectorAll("[data-toast]").forEach(start);
  new MutationObserver((changes) => {
    for (const change of changes)
      for (const node of change.addedNodes) if (node.matches?.("[data-toast]")) start(node);
  }).observe(region, { childList: true });
}

// Light, dark, or as the device: applied at once, kept with the person by the form's POST.
import { csrfToken } from "./shared.js";

function mark() {
  const theme = document.documentElement.dataset.theme;
  for (const button of document.querySelectorAll("[data-theme-set]"))
    button.setAttribute("aria-pressed", String(button.dataset.themeSet === theme));
}

document.addEventListener("submit", (event) => {
  const chosen = event.submitter?.dataset.themeSet;
  if (!chosen) return;
  event.preventDefault();
  document.documentElement.dataset.theme = chosen;
  mark();
  const url = event.submitter.getAttribute("formaction");
  if (url) fetch(url, { method: "POST", body: new FormData(event.target, event.submitter), headers: { "X-CSRFToken": csrfToken(), "HX-Request": "true" } });
});

mark();

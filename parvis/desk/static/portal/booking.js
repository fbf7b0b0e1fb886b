// What the booking pages do beyond links and forms: the visitor's own clocks, choices that apply at once, holds that end.
document.documentElement.classList.add("js");

/** Whether two zones show another time now. */
function differ(one, other) {
  const shown = (zone) => new Date().toLocaleString("sv", { timeZone: zone });
  try {
    return shown(one) !== shown(other);
  } catch {
    return false; // a zone this browser does not know
  }
}

/** Visitors elsewhere see their own clocks; the page offers the way back to those of the house. */
function ownClocks() {
  const house = document.querySelector("[data-house-zone]")?.dataset.houseZone;
  const address = new URL(location.href);
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (!house || !own || address.searchParams.has("tz") || !differ(house, own)) return;
  address.searchParams.set("tz", own);
  location.replace(address);
}

document.addEventListener("change", (event) => event.target.closest("form[data-auto]")?.requestSubmit());

// A second press of a time, while the first is on its way, does nothing.
document.addEventListener("submit", (event) => {
  const form = event.target.closest(".choose-times, .book-who");
  if (!form) return;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "1";
});
addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent));

function holdsEnd() {
  for (const kept of document.querySelectorAll("[data-until]:not([hidden])")) {
    if (Date.parse(kept.dataset.until) > Date.now()) continue;
    kept.hidden = true;
    kept.parentElement.querySelector("[data-over]")?.removeAttribute("hidden");
  }
}

ownClocks();
setInterval(holdsEnd, 1000);

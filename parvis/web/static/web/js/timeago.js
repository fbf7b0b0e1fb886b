// <time datetime data-relative="ago"> says how long ago; "left" says how long is left, or how late it is.
import { say } from "./shared.js";

const NBSP = "\u00a0";

/** "2 h 10", "25 min", "3 d": two units at most below a day, one above; the same as the server writes. */
export function duration(milliseconds) {
  const minutes = Math.floor(Math.abs(milliseconds) / 60000);
  const hours = Math.floor(minutes / 60);
  if (hours >= 24) return `${Math.floor(hours / 24)}${NBSP}${say("day")}`;
  if (hours === 0) return `${minutes}${NBSP}${say("minute")}`;
  const rest = String(minutes % 60).padStart(2, "0");
  return rest === "00" ? `${hours}${NBSP}${say("hour")}` : `${hours}${NBSP}${say("hour")}${NBSP}${rest}`;
}

function ago(milliseconds) {
  if (Math.abs(milliseconds) < 60000) return say("now");
  return say(milliseconds < 0 ? "ago" : "in", { t: duration(milliseconds) });
}

function update() {
  for (const element of document.querySelectorAll("time[data-relative]")) {
    const left = Date.parse(element.dateTime) - Date.now();
    if (Number.isNaN(left)) continue;
    const words = element.dataset.relative === "left" ? say(left > 0 ? "left" : "late", { t: duration(left) }) : ago(left);
    if (words && element.textContent !== words) element.textContent = words;
    if (left <= 0 && element.dataset.relative === "left") passed(element.closest("[data-state=on_time], [data-state=at_risk]"));
  }
}

/** A promise whose time passed while somebody looks at it: show it now, the server will say so at the next fetch. */
function passed(chip) {
  if (!chip) return;
  chip.dataset.state = "late";
  const icon = document.querySelector('template[data-icon="alert-triangle"]');
  if (icon) chip.querySelector(".icon")?.replaceWith(icon.content.cloneNode(true));
  chip.dispatchEvent(new CustomEvent("promise:passed", { bubbles: true }));
}

update();
setInterval(update, 20000);
document.addEventListener("htmx:afterSettle", update);
document.addEventListener("visibilitychange", () => document.hidden || update());

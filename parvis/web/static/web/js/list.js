// j and k walk through [data-list]; the links themselves take the focus, so Enter opens and Tab goes on from there.
import { isVisible } from "./shared.js";

const rowsOf = (list) => [...list.querySelectorAll("a[data-row], [data-row] a[data-row-link]")].filter(isVisible);

/** The visible list that keys act on: the one holding the focus, else the first on the page. */
function currentList() {
  return document.activeElement?.closest?.("[data-list]") ?? [...document.querySelectorAll("[data-list]")].find(isVisible);
}

export function hasList() {
  return !!currentList();
}

/** Move by `step` rows; the first move lands on the open row's neighbour, or on the first row. */
export function move(step) {
  const list = currentList();
  if (!list) return false;
  const rows = rowsOf(list);
  let at = rows.indexOf(document.activeElement);
  if (at < 0) at = rows.findIndex((row) => row.dataset.walked !== undefined);
  if (at < 0) at = rows.findIndex((row) => row.getAttribute("aria-current") === "true");
  const next = rows[Math.max(0, Math.min(rows.length - 1, at < 0 ? 0 : at + step))];
  if (!next) return false;
  rows.forEach((row) => delete row.dataset.walked);
  next.dataset.walked = "";
  next.focus();
  next.scrollIntoView({ block: "nearest" });
  return true;
}

/** Open the row walked to, when the focus has left the list since. */
export function open() {
  const row = currentList()?.querySelector("[data-walked]");
  if (!row || document.activeElement !== document.body) return false;
  row.click();
  return true;
}

// The row opened by htmx is the current one, without waiting for the list to be fetched again.
document.addEventListener("click", (event) => {
  const row = event.target.closest("a[data-row][hx-get]");
  if (!row) return;
  for (const other of row.closest("[data-list]")?.querySelectorAll('a[data-row][aria-current="true"]') ?? []) other.removeAttribute("aria-current");
  row.setAttribute("aria-current", "true");
  row.classList.remove("row-unread");
});

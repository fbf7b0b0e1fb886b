// The calendar: a click on a free time begins a booking, a visit is dragged to another time or column, and the line of
// the present moves on. What may be is decided by the server; whatever it refuses stays where it was.
// It stands alone: modules that are imported need an entry in web/storage.py.

const board = document.querySelector("[data-calendar]");
const panel = document.getElementById("booking-panel");
const START_AFTER = 6; // pixels: below, a drag is a click
const SNAP = 5;
let drag = null;
let stale = false;

const grid = () => board.querySelector(".cal-grid");
const bodies = () => [...board.querySelectorAll("[data-body]")];
const scale = () => Number(getComputedStyle(grid()).getPropertyValue("--px")) || 1.2;
const clock = (minutes) => `${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;
const minutesOf = (text) => text.split(":").reduce((hours, minutes) => Number(hours) * 60 + Number(minutes), 0);

/** Tell screen readers, without moving anything on the page. */
function announce(sentence) {
  const region = document.getElementById("announce");
  if (region) region.textContent = sentence;
}

/** Minutes after midnight at a height of a column. */
function minuteAt(body, y, snap) {
  const from = Number(grid().dataset.from) * 60;
  const minute = from + (y - body.getBoundingClientRect().top) / scale();
  return Math.max(0, Math.min(24 * 60 - snap, Math.round(minute / snap) * snap));
}

const bodyAt = (x) => bodies().find((body) => {
  const box = body.getBoundingClientRect();
  return x >= box.left && x < box.right;
});

/** Times travel as they stand on the clocks of the house; the server knows its zone. */
const local = (body, minutes) => `${body.dataset.day}T${clock(minutes)}`;

// A free time -----------------------------------------------------------------------------------------------------
function openNew(body, minutes) {
  const link = document.createElement("a");
  const asked = new URLSearchParams({ at: local(body, minutes) });
  if (body.dataset.resource) asked.set("resource", body.dataset.resource);
  link.href = `${board.dataset.new}?${asked}`;
  link.dataset.dialog = "";
  link.hidden = true;
  board.append(link);
  link.click();
  link.remove();
}

board?.addEventListener("click", (event) => {
  const body = event.target.closest("[data-body]");
  if (!body || event.target.closest("a, button") || drag) return;
  // Rounded down to the quarter of an hour one points into.
  const quarter = Math.floor(minuteAt(body, event.clientY, 1) / 15) * 15;
  openNew(body, quarter);
});

// What the pointer would book, before it is clicked.
const hint = document.createElement("span");
hint.className = "cal-hint";
hint.setAttribute("aria-hidden", "true");
board?.addEventListener("pointermove", (event) => {
  const body = event.target.closest("[data-body]");
  if (!body || event.target.closest("a, button") || drag || event.pointerType !== "mouse") return hint.remove();
  const quarter = Math.floor(minuteAt(body, event.clientY, 1) / 15) * 15;
  hint.textContent = `+ ${clock(quarter)}`;
  hint.style.top = `${(quarter - Number(grid().dataset.from) * 60) * scale()}px`;
  if (hint.parentElement !== body) body.append(hint);
});
board?.addEventListener("pointerleave", () => hint.remove());

// Dragging --------------------------------------------------------------------------------------------------------
board?.addEventListener("pointerdown", (event) => {
  const block = event.target.closest("[data-movable]");
  if (!block || event.button || event.pointerType === "touch") return;
  const body = block.closest("[data-body]");
  const box = block.getBoundingClientRect();
  drag = { block, body, x: event.clientX, y: event.clientY, grip: event.clientY - box.top, ghost: null, to: null };
});

board?.addEventListener("dragstart", (event) => event.preventDefault());

document.addEventListener("pointermove", (event) => {
  if (!drag) return;
  if (!drag.ghost && Math.hypot(event.clientX - drag.x, event.clientY - drag.y) < START_AFTER) return;
  if (!drag.ghost) begin();
  const body = bodyAt(event.clientX) ?? drag.body;
  const minutes = minuteAt(body, event.clientY - drag.grip, SNAP);
  if (drag.ghost.parentElement !== body) body.append(drag.ghost);
  drag.ghost.style.top = `${(minutes - Number(grid().dataset.from) * 60) * scale()}px`;
  drag.ghost.querySelector("time").textContent = clock(minutes);
  drag.to = { body, minutes };
  // Near an edge the board goes along.
  const box = board.getBoundingClientRect();
  if (event.clientY > box.bottom - 32) board.scrollTop += 12;
  if (event.clientY < box.top + 72) board.scrollTop -= 12;
});

function begin() {
  const { block } = drag;
  drag.ghost = block.cloneNode(true);
  drag.ghost.removeAttribute("id");
  drag.ghost.classList.add("cal-ghost");
  drag.ghost.style.height = `${block.offsetHeight}px`;
  block.classList.add("cal-leaving");
  document.body.classList.add("cal-dragging");
  hint.remove();
}

function end() {
  drag?.ghost?.remove();
  drag?.block.classList.remove("cal-leaving");
  document.body.classList.remove("cal-dragging");
  drag = null;
  if (stale) window.htmx.trigger(document.body, "live:booking");
  stale = false;
}

document.addEventListener("pointerup", () => {
  if (!drag) return;
  const { block, body, to, ghost } = drag;
  if (ghost) {
    // The click that follows a drag opens nothing.
    window.addEventListener("click", (event) => { event.preventDefault(); event.stopPropagation(); }, { capture: true, once: true });
    setTimeout(() => window.dispatchEvent(new Event("cal-click-over")), 0);
  }
  const elsewhere = to && (to.body !== body || to.minutes !== minutesOf(block.dataset.start));
  if (elsewhere) put(block, body, to);
  end();
});

function put(block, from, to) {
  const values = { at: local(to.body, to.minutes), resource: to.body === from ? "" : to.body.dataset.resource, column: from.dataset.resource };
  announce(`${to.body.dataset.name} ${clock(to.minutes)}`);
  // The body asks: the board, and the block with it, may be drawn anew before the answer comes.
  window.htmx.ajax("POST", block.dataset.drop, { source: document.body, values, swap: "none" });
}

document.addEventListener("pointercancel", end);
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  if (drag) return end();
  if (panel?.childElementCount && !document.querySelector("dialog[open]")) closePanel();
});

// News does not pull a visit out of somebody's hand.
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.target !== board || !drag?.ghost) return;
  event.detail.shouldSwap = false;
  stale = true;
});

// The panel -------------------------------------------------------------------------------------------------------
let opener = "";

function closePanel() {
  panel.replaceChildren();
  mark();
  document.getElementById(opener)?.focus();
}

/** Which block the panel is about. */
function mark() {
  const shown = panel.querySelector("article")?.id.replace("visit-", "") ?? "";
  for (const block of board.querySelectorAll(".cal-block")) {
    const yes = shown !== "" && block.id.startsWith(`b-${shown}-`);
    block.classList.toggle("cal-open", yes);
  }
}

board?.addEventListener("click", (event) => {
  const block = event.target.closest(".cal-block");
  if (block) opener = block.id;
});
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-panel-close]")) closePanel();
});
document.addEventListener("htmx:afterSettle", (event) => {
  if (!board) return;
  if (event.detail.target === panel) panel.focus({ preventScroll: true });
  if (panel) mark();
  if (event.detail.target === board) present();
});

// The present -----------------------------------------------------------------------------------------------------
let drawnAt = Date.now();
let first = null;

function present() {
  drawnAt = Date.now();
  first = null;
}

function tick() {
  const line = board?.querySelector("[data-now]");
  if (!line) return;
  first ??= parseFloat(getComputedStyle(line).top);
  line.style.top = `${first + ((Date.now() - drawnAt) / 60000) * scale()}px`;
}
setInterval(tick, 30000);

// Another time that is typed outdoes the ones offered, and the other way round.
document.addEventListener("input", (event) => {
  const form = event.target.closest?.(".booking-form");
  if (!form || event.target.name !== "own_time" || !event.target.value) return;
  form.querySelectorAll("[name=start]:checked").forEach((radio) => { radio.checked = false; });
});
document.addEventListener("change", (event) => {
  const form = event.target.closest?.(".booking-form");
  if (!form || event.target.name !== "start") return;
  const own = form.querySelector("[name=own_time]");
  if (own) own.value = "";
});

if (board) {
  const line = board.querySelector("[data-now]");
  if (line && line.offsetTop > board.clientHeight * 0.7) board.scrollTop = line.offsetTop - board.clientHeight / 3;
}

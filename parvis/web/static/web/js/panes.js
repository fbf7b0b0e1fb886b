// The inbox's panes: widths by pointer or arrow keys, remembered on this device; on a phone one pane at a time.
const STEP = 16;
const panes = document.querySelector("[data-panes]");
const stored = (key) => `parvis.panes.${key}`;

function remember(key, value) {
  try {
    localStorage.setItem(stored(key), value);
  } catch { /* Private windows may refuse: the pane still moves, it is only forgotten. */ }
}

function recall(key) {
  try {
    return localStorage.getItem(stored(key));
  } catch {
    return null;
  }
}

/** Set a pane's width in px; below its least width it closes, as if it had been folded away. */
function resize(separator, width, keep = true) {
  const { min, max, var: property, separator: key } = separator.dataset;
  const closed = width < Number(min) / 2;
  const size = Math.round(Math.min(Number(max), Math.max(Number(min), width)));
  panes.dataset[key] = closed ? "closed" : "open";
  if (!closed) panes.style.setProperty(property, `${size}px`);
  separator.setAttribute("aria-valuenow", closed ? 0 : size);
  for (const button of document.querySelectorAll(`[data-pane-toggle="${key}"]`)) button.setAttribute("aria-expanded", String(!closed));
  if (keep) remember(key, closed ? "closed" : String(size));
}

const widthNow = (separator) => document.getElementById(separator.getAttribute("aria-controls")).getBoundingClientRect().width;

function setUp(separator) {
  const { separator: key, side } = separator.dataset;
  const known = recall(key);
  if (known === "closed" && window.matchMedia("(min-width: 1081px)").matches) resize(separator, 0, false);
  else if (Number(known)) resize(separator, Number(known), false);
  if (side === "end" && !window.matchMedia("(min-width: 1081px)").matches) panes.dataset[key] = "closed";

  const direction = side === "end" ? -1 : 1;
  separator.addEventListener("pointerdown", (event) => {
    const from = { x: event.clientX, width: panes.dataset[key] === "closed" ? 0 : widthNow(separator) };
    separator.setPointerCapture(event.pointerId);
    separator.dataset.moving = "";
    const move = (moved) => resize(separator, from.width + direction * (moved.clientX - from.x));
    const stop = () => {
      delete separator.dataset.moving;
      separator.removeEventListener("pointermove", move);
    };
    separator.addEventListener("pointermove", move);
    separator.addEventListener("lostpointercapture", stop, { once: true });
    event.preventDefault();
  });
  separator.addEventListener("dblclick", () => resize(separator, Number(separator.dataset.default)));
  separator.addEventListener("keydown", (event) => {
    const width = panes.dataset[key] === "closed" ? 0 : widthNow(separator);
    const next = {
      ArrowRight: width + direction * STEP, ArrowLeft: width - direction * STEP,
      Home: Number(separator.dataset.min), End: Number(separator.dataset.max),
      Enter: width ? 0 : Number(separator.dataset.default),
    }[event.key];
    if (next === undefined) return;
    // One step outwards opens a folded pane, one step inwards from its least width folds it.
    const opening = !width && next > 0;
    const folding = width && next < Number(separator.dataset.min);
    resize(separator, opening ? Math.max(next, Number(separator.dataset.min)) : folding ? 0 : next);
    event.preventDefault();
  });
}

function toggle(key) {
  const separator = panes.querySelector(`[data-separator="${key}"]`);
  if (!separator) return;
  const wide = window.matchMedia("(min-width: 1081px)").matches;
  const open = wide ? panes.dataset[key] !== "closed" : panes.dataset[key] === "open";
  resize(separator, open ? 0 : Number(recall(key)) || Number(separator.dataset.default), wide);
}

/** Bring one pane forward on a phone, and the focus with it. */
function show(name, focus = true) {
  panes.dataset.show = name;
  const pane = document.getElementById(`pane-${name}`);
  if (window.matchMedia("(max-width: 720px)").matches) {
    window.scrollTo(0, 0);
    if (focus) pane?.focus({ preventScroll: true });
  }
}

if (panes) {
  panes.querySelectorAll("[data-separator]").forEach(setUp);
  document.addEventListener("click", (event) => {
    const fold = event.target.closest("[data-pane-toggle]");
    if (fold) toggle(fold.dataset.paneToggle);
    const shown = event.target.closest("[data-pane-show]");
    if (shown && window.matchMedia("(max-width: 720px)").matches) {
      show(shown.dataset.paneShow);
      event.preventDefault();
    }
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.target.id === "pane-thread" && event.detail.requestConfig?.triggeringEvent?.type === "click") show("thread");
  });
}

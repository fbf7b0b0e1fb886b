// A textarea with data-draft-url saves its form 800 ms after the last stroke, one request at a time.
// What it says about that stands in [data-draft-state] of the same form.
import { csrfToken, say } from "./shared.js";

const IDLE_MS = 800;
const RETRY_MS = [2000, 5000, 15000, 30000];
const drafts = new WeakMap();

function stateOf(area) {
  if (!drafts.has(area)) drafts.set(area, { saved: area.defaultValue, busy: false, failures: 0, timer: 0 });
  return drafts.get(area);
}

function tell(area, name) {
  const place = area.form?.querySelector("[data-draft-state]");
  if (!place) return;
  place.textContent = name ? say(name) : "";
  place.dataset.draftState = name;
}

function bodyOf(area) {
  const data = area.form ? new FormData(area.form) : new FormData();
  for (const [name, value] of [...data]) if (value instanceof File) data.delete(name);
  if (!area.form) data.set(area.name, area.value);
  return data;
}

async function save(area, leaving = false) {
  const draft = stateOf(area);
  clearTimeout(draft.timer);
  if (!area.isConnected || draft.sent || draft.busy && !leaving || area.value === draft.saved) return;
  const text = area.value;
  draft.busy = true;
  tell(area, "saving");
  try {
    const answer = await fetch(area.dataset.draftUrl, {
      method: "POST", body: bodyOf(area), headers: { "X-CSRFToken": csrfToken(), "X-Requested-With": "draft" }, keepalive: leaving,
    });
    if (!answer.ok) throw new Error(String(answer.status));
    draft.saved = text;
    draft.failures = 0;
    tell(area, area.value === text ? "saved" : "saving");
  } catch {
    draft.failures += 1;
    tell(area, "unsaved");
  }
  draft.busy = false;
  if (area.value !== draft.saved) wait(area, draft.failures ? RETRY_MS[Math.min(draft.failures, RETRY_MS.length) - 1] : IDLE_MS);
}

function wait(area, milliseconds) {
  const draft = stateOf(area);
  clearTimeout(draft.timer);
  draft.timer = setTimeout(() => save(area), milliseconds);
}

document.addEventListener("input", (event) => {
  const area = event.target.closest?.("[data-draft-url]");
  if (!area) return;
  stateOf(area);
  tell(area, "");
  wait(area, IDLE_MS);
});

// Leaving the page, or hiding it on a phone, is the last chance.
document.addEventListener("visibilitychange", () => {
  if (document.hidden) document.querySelectorAll("[data-draft-url]").forEach((area) => drafts.has(area) && save(area, true));
});

// Once sent, the text is a message and no longer a draft; refused, it is a draft again.
function mark(event, sent) {
  const form = event.target.closest?.("form");
  for (const area of form?.querySelectorAll("[data-draft-url]") ?? []) {
    const draft = stateOf(area);
    clearTimeout(draft.timer);
    draft.sent = sent;
  }
}
document.addEventListener("submit", (event) => mark(event, true));
document.addEventListener("htmx:afterRequest", (event) => event.target instanceof HTMLFormElement && mark(event, false));

// The status page: asks gently whether anything has changed, and says loudly when it is time.
import { chime, soundReady } from "./sound.js";

const root = document.getElementById("ticket-card");
const lost = document.querySelector("[data-lost-line]");
const ring = document.querySelector("[data-sound]");
const title = document.title;
const ENDS = new Set(["void", "over", "gone", "moved"]);
const RESTING_MS = 20 * 60 * 1000; // served, or gone: so long may it still change
const REDRAW_MS = 120000; // the range moves with time, though nobody was called
let version = "";
let state = "";
let ahead = null;
let restingSince = 0;
let drawn = Date.now();
let reached = Date.now();
let failures = 0;
let timer = 0;
let flashing = 0;

const card = () => root.querySelector("[data-state]");

/** How long until the next question, in milliseconds. */
function pause() {
  if (failures) return Math.min(1000 * 2 ** failures, 30000);
  let wait = 15000;
  if (state === "waiting") wait = ahead <= 2 ? 600 : ahead <= 5 ? 1000 : Math.min(5000 + 100 * ahead, 15000);
  else if (state === "called" || state === "serving" || state === "held") wait = 2000;
  if (document.hidden) wait = Math.max(wait, ahead !== null && ahead <= 5 ? 2000 : 20000);
  return wait * (0.9 + 0.2 * Math.random());
}

function resting() {
  if (state === "waiting" || state === "called" || state === "serving" || state === "held") restingSince = 0;
  else restingSince ||= Date.now();
  return restingSince && Date.now() - restingSince > RESTING_MS;
}

function next() {
  clearTimeout(timer);
  if (ENDS.has(state) || resting()) return;
  timer = setTimeout(ask, pause());
}

async function ask() {
  try {
    const answer = await fetch(root.dataset.pulse, { cache: "no-store", signal: AbortSignal.timeout(8000) });
    if (!answer.ok && answer.status !== 404) throw new Error(`${answer.status}`);
    told(await answer.json());
    failures = 0;
    reached = Date.now();
    lost.hidden = true;
  } catch {
    failures += 1;
    if (failures > 1) {
      const at = new Date(reached).toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit", hour12: false });
      lost.textContent = root.dataset.lost.replace("{time}", at);
      lost.hidden = false;
    }
  }
  next();
}

function told(pulse) {
  const changed = pulse.v !== version;
  const first = version === "";
  version = pulse.v;
  state = pulse.state;
  ahead = pulse.ahead ?? null;
  if (state === "waiting") place(ahead);
  const stale = !document.hidden && state === "waiting" && Date.now() - drawn > REDRAW_MS;
  if ((changed && !(first && card()?.dataset.state === state)) || stale) redraw(pulse);
  else if (first && state === "called") called(pulse.counter);
}

/** The number of people before moves with every answer, without fetching anything. */
function place(count) {
  const line = root.querySelector("[data-place]");
  if (!line) return;
  const words = count === 0 ? root.dataset.next : count === 1 ? root.dataset.one : root.dataset.many.replace("{n}", count);
  if (line.textContent !== words) line.textContent = words;
}

async function redraw(pulse) {
  const answer = await fetch(root.dataset.card, { cache: "no-store" });
  if (!answer.ok) return location.reload();
  const had = document.activeElement?.closest("#ticket-card button")?.value;
  const was = card()?.dataset.state;
  root.innerHTML = await answer.text();
  drawn = Date.now();
  if (had) root.querySelector(`button[value="${had}"]`)?.focus();
  if (pulse.state === "called") called(pulse.counter);
  else quiet();
  if (was !== pulse.state) scrollTo({ top: 0 });
}

function called(counter) {
  const words = root.dataset.called.replace("{counter}", counter);
  navigator.vibrate?.([400, 150, 400, 150, 800]);
  chime();
  clearInterval(flashing);
  let on = true;
  document.title = `● ${words}`;
  flashing = setInterval(() => {
    on = !on;
    document.title = on ? `● ${words}` : words;
  }, 1000);
}

function quiet() {
  clearInterval(flashing);
  document.title = title;
}

// Sound only where somebody asked for it; asked once, it stays for this page.
if (globalThis.AudioContext && ["waiting", "held"].includes(card()?.dataset.state)) {
  ring.hidden = false;
  ring.addEventListener("click", async () => {
    if (!(await soundReady())) return;
    ring.setAttribute("aria-pressed", "true");
    ring.querySelector("[data-off]").hidden = true;
    ring.querySelector("[data-on]").hidden = false;
    chime();
  });
}
document.addEventListener("visibilitychange", () => document.hidden || ask());
addEventListener("online", ask);
addEventListener("pagehide", () => clearTimeout(timer));
addEventListener("pageshow", (event) => event.persisted && ask());
ask();

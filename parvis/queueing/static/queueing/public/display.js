// The waiting room's display: every call is shown and spoken, one after the other, and none is lost.
// It asks for the short pulse several times a second instead of holding a stream: an answer from memory costs the house less
// than a thread, goes through any proxy, and what was missed is fetched by the number of the last call known.
import { chime, soundReady, speak, spoken } from "./sound.js";

const { dataset } = document.body;
const SHOWN_MS = 3000;
const ASK_MS = 400;
const MISSED_SECONDS = 20;
const ROWS = 6;
const REDRAW_MS = 60000;
const now = document.querySelector(".display-now");
const list = document.querySelector("[data-called]");
const lines = document.querySelector("[data-lines]");
const live = document.querySelector("[data-live]");
const lost = document.querySelector("[data-lost-line]");
const allow = document.querySelector("[data-sound]");
let last = Number(dataset.last);
let version = "";
let drawn = Date.now();
let reached = Date.now();
let failures = 0;
let waiting = [];
let showing = false;

const time = (at) => new Date(at).toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit", hour12: false, timeZone: dataset.zone });
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

async function ask() {
  try {
    const answer = await fetch(dataset.pulse, { cache: "no-store", signal: AbortSignal.timeout(5000) });
    if (answer.status === 404) return location.reload();
    if (!answer.ok) throw new Error(`${answer.status}`);
    const pulse = await answer.json();
    if (pulse.call > last) await fetchCalls();
    if (pulse.v !== version || Date.now() - drawn > REDRAW_MS) await redraw(pulse.v);
    failures = 0;
    reached = Date.now();
    lost.hidden = true;
  } catch {
    failures += 1;
    if (failures >= 3) {
      lost.textContent = dataset.lost.replace("{time}", time(reached));
      lost.hidden = false;
    }
  }
  setTimeout(ask, failures ? Math.min(ASK_MS * 2 ** failures, 5000) : ASK_MS);
}

async function fetchCalls() {
  const answer = await fetch(`${dataset.calls}?after=${last}`, { cache: "no-store", signal: AbortSignal.timeout(5000) });
  if (!answer.ok) throw new Error(`${answer.status}`);
  const found = await answer.json();
  last = Math.max(last, found.last);
  waiting.push(...found.calls);
  if (!showing) showAll();
}

async function showAll() {
  showing = true;
  while (waiting.length) {
    const call = waiting.shift();
    const missed = call.age > MISSED_SECONDS;
    show(call, missed);
    if (missed && waiting.length > 3) continue; // long away: the newest are said, all of them stay marked
    chime();
    const words = (dataset[`say${call.language === "fr" ? "Fr" : "En"}`]).replace("{code}", spoken(call.code)).replace("{counter}", call.spoken);
    await Promise.all([sleep(SHOWN_MS), dataset.speaks === undefined ? null : sleep(900).then(() => speak(words, call.language))]);
  }
  showing = false;
}

function show(call, missed) {
  const code = now.querySelector("[data-now-code]");
  const counter = now.querySelector("[data-now-counter]");
  const before = { code: code.textContent, counter: counter.textContent, at: now.dataset.at ?? "", missed: now.dataset.missed };
  if (now.dataset.at === undefined) before.at = "";
  if (before.counter && before.code !== call.code) addRow(before);
  list.querySelector(`[data-code="${CSS.escape(call.code)}"]`)?.remove();
  code.textContent = call.code;
  counter.textContent = call.counter;
  now.dataset.at = missed ? dataset.missed.replace("{time}", call.at) : call.at;
  now.dataset.missed = missed ? "1" : "";
  live.textContent = `${call.code}: ${call.counter}`;
  now.classList.remove("fresh");
  requestAnimationFrame(() => now.classList.add("fresh"));
}

function addRow(call) {
  const row = document.querySelector("template[data-row]").content.firstElementChild.cloneNode(true);
  list.querySelector(`[data-code="${CSS.escape(call.code)}"]`)?.remove();
  row.dataset.code = call.code;
  row.querySelector("strong").textContent = call.code;
  row.querySelector("span").textContent = call.counter;
  row.querySelector("small").textContent = call.at;
  row.classList.toggle("missed", call.missed === "1");
  list.prepend(row);
  while (list.children.length > ROWS) list.lastElementChild.remove();
}

async function redraw(to) {
  const answer = await fetch(dataset.card, { cache: "no-store", signal: AbortSignal.timeout(5000) });
  if (!answer.ok) throw new Error(`${answer.status}`);
  lines.innerHTML = await answer.text();
  version = to;
  drawn = Date.now();
}

/** The clock; darker at night; a little aside each minute. */
function tick() {
  const at = new Date();
  document.querySelector("[data-clock]").textContent = time(at);
  const hour = Number(at.toLocaleTimeString("en-GB", { hour: "2-digit", timeZone: dataset.zone }).slice(0, 2));
  document.body.classList.toggle("at-night", hour >= 22 || hour < 6);
  for (let n = 1; n < 4; n += 1) document.body.classList.toggle(`shift-${n}`, at.getMinutes() % 4 === n);
}

async function sound() {
  allow.hidden = await soundReady();
}

allow.addEventListener("click", () => {
  sound();
  // A voice, too, wants to be asked for by a touch.
  if (dataset.speaks !== undefined) speak(" ", document.documentElement.lang);
});
sound();
tick();
setInterval(tick, 5000);
ask();

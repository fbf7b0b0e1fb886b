// The kiosk goes back to its beginning by itself, prints, never sends twice, and says so when the house is out of reach.
const { dataset } = document.body;
const offline = document.querySelector("[data-offline]");
const still = document.querySelector("[data-still]");
const PROBE_MS = 10000;
const ANSWER_MS = 15000;
const LAYOUTS = { fr: ["1234567890", "azertyuiop", "qsdfghjklm", "wxcvbn'-"], en: ["1234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm'-"] };
let idle = 0;
let leaving = 0;

/** Whether the house answers; while it does not, a page covers everything that could be touched in vain. */
async function probe() {
  let well = false;
  try {
    well = (await fetch(dataset.pulse, { cache: "no-store", signal: AbortSignal.timeout(8000) })).ok;
  } catch { /* the network is away */ }
  offline.hidden = well;
  return well;
}

async function home() {
  if (await probe()) location.assign(dataset.home);
  else setTimeout(home, PROBE_MS);
}

function awake() {
  clearTimeout(idle);
  clearTimeout(leaving);
  still.hidden = true;
  const seconds = Number(dataset.idle);
  if (seconds) idle = setTimeout(dataset.quietly === undefined ? ask : home, seconds * 1000);
}

function ask() {
  still.hidden = false;
  still.querySelector("[data-stay]").focus();
  leaving = setTimeout(home, ANSWER_MS);
}

function keypad(pad) {
  const field = document.getElementById(pad.dataset.keypad);
  const key = (label, type, wide) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = label;
    button.tabIndex = -1; // whoever has keys types with them
    if (wide) button.classList.add("wide");
    button.addEventListener("click", () => {
      field.value = type(field.value);
      field.focus({ preventScroll: true });
    });
    return button;
  };
  for (const letters of LAYOUTS[document.documentElement.lang] ?? LAYOUTS.en) {
    const row = document.createElement("div");
    row.append(...[...letters].map((letter) => key(letter.toUpperCase(), (text) => text + letter.toUpperCase())));
    pad.append(row);
  }
  const row = document.createElement("div");
  row.append(key(pad.dataset.space, (text) => `${text} `, true), key("+", (text) => `${text}+`), key(pad.dataset.erase, (text) => text.slice(0, -1), true));
  pad.append(row);
  pad.hidden = false;
}

document.addEventListener("submit", (event) => {
  const form = event.target.closest("form[data-once]");
  if (!form) return;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "1";
});
addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent));
for (const kind of ["pointerdown", "keydown", "input"]) document.addEventListener(kind, awake);
still.querySelector("[data-stay]").addEventListener("click", awake);
document.querySelectorAll("[data-keypad]").forEach(keypad);
document.querySelector("[data-prints]")?.addEventListener("click", () => print());
if (dataset.print !== undefined && !sessionStorage.getItem(location.pathname)) {
  // Once for a ticket, however often its page is shown.
  sessionStorage.setItem(location.pathname, "printed");
  print();
}
if (dataset.refresh) setInterval(async () => (await probe()) && location.reload(), Number(dataset.refresh) * 1000);
setInterval(probe, PROBE_MS);
addEventListener("offline", () => (offline.hidden = false));
addEventListener("online", probe);
awake();

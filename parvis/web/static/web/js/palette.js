// Ctrl/Cmd-K: everything that can be done on this page, and everyone who can be found in the house.
import { actions, activate } from "./keys.js";
import { announce, folded, say } from "./shared.js";

const dialog = document.getElementById("palette");
const input = document.getElementById("palette-input");
const local = document.getElementById("palette-local");
const remote = document.getElementById("palette-remote");
const empty = dialog?.querySelector("[data-palette-empty]");
let known = [];
let chosen = 0;

const options = () => [...dialog.querySelectorAll("[role=option]")];

function optionFor({ label, key, element }, number) {
  const option = document.getElementById("ui-palette-option").content.firstElementChild.cloneNode(true);
  option.querySelector(".palette-label").textContent = label;
  option.dataset.action = number;
  const icon = element.querySelector("svg.icon");
  if (icon) option.querySelector(".icon").replaceWith(icon.cloneNode(true));
  for (const part of key ? key.split(" ") : []) {
    const kbd = document.createElement("kbd");
    kbd.textContent = part;
    option.append(kbd);
  }
  return option;
}

/** Every word typed must be in the label; labels that begin with the words come first. */
function matching(words) {
  const wanted = folded(words).split(/\s+/).filter(Boolean);
  return known
    .map((action, number) => ({ action, number, text: folded(action.label) }))
    .filter(({ text }) => wanted.every((word) => text.includes(word)))
    .sort((a, b) => Number(b.text.startsWith(wanted[0] ?? "")) - Number(a.text.startsWith(wanted[0] ?? "")));
}

function show() {
  local.replaceChildren(...matching(input.value).map(({ action, number }) => optionFor(action, number)));
  if (!input.value.trim()) remote.replaceChildren();
  settle(0);
}

/** Number the options and mark the chosen one; the field keeps the focus (a combobox by the ARIA pattern). */
function settle(next) {
  const all = options();
  chosen = all.length ? (next + all.length) % all.length : 0;
  all.forEach((option, number) => {
    option.id = `palette-option-${number}`;
    option.setAttribute("aria-selected", String(number === chosen));
  });
  const current = all[chosen];
  if (current) input.setAttribute("aria-activedescendant", current.id);
  else input.removeAttribute("aria-activedescendant");
  input.setAttribute("aria-expanded", String(all.length > 0));
  local.hidden = !local.childElementCount;
  remote.hidden = !remote.childElementCount;
  empty.hidden = all.length > 0;
  current?.scrollIntoView({ block: "nearest" });
}

function run(option) {
  if (!option) return;
  dialog.close();
  if (option.dataset.action !== undefined) activate(known[Number(option.dataset.action)].element);
  else if (option.dataset.href) window.location.assign(option.dataset.href);
}

export function openPalette() {
  if (!dialog || dialog.open) return;
  document.querySelectorAll("dialog[open]").forEach((other) => other.close());
  known = actions();
  input.value = "";
  remote.replaceChildren();
  dialog.showModal();
  show();
}

if (dialog) {
  document.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey) {
      event.preventDefault();
      openPalette();
    }
  });
  document.addEventListener("click", (event) => event.target.closest("[data-opens-palette]") && openPalette());
  input.addEventListener("input", show);
  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) settle(chosen + step);
    else if (event.key === "Enter") run(options()[chosen]);
    else return;
    event.preventDefault();
  });
  dialog.addEventListener("click", (event) => run(event.target.closest("[role=option]")));
  dialog.addEventListener("pointermove", (event) => {
    const at = options().indexOf(event.target.closest("[role=option]"));
    if (at >= 0 && at !== chosen) settle(at);
  });
  remote.addEventListener("htmx:afterSwap", () => {
    settle(chosen);
    announce(options().length ? say("results", { n: options().length }) : say("none"));
  });
}

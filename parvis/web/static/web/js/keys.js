// Any element with data-key="r" answers to that key: links and buttons are clicked, fields take the focus.
// "g i" is two keys in a row. A person's own keys come in <body data-keymap='{"r": "p"}'> (default → theirs),
// and <body data-keys="off"> switches the single keys off; Ctrl/Cmd-K stays, as it cannot be struck by accident.
// Keys are compared with event.key, so they are where the person's layout puts the letter.
import * as list from "./list.js";
import { isVisible, isWriting } from "./shared.js";

const SEQUENCE_MS = 1200;
let first = "";
let firstAt = 0;

function keymap() {
  try {
    return JSON.parse(document.body.dataset.keymap || "{}");
  } catch {
    return {};
  }
}

export const keysOn = () => document.body.dataset.keys !== "off";

/** The key that this person strikes for what is written as `key` in the page. */
export const effective = (key) => keymap()[key] ?? key;

/** Visible elements that have a key or an action, once per label: [{element, key, label}]. */
export function actions(scope = document) {
  const own = [...scope.querySelectorAll("[data-key]")].filter((e) => !e.closest(".rail, .palette, template") && isVisible(e));
  const taken = new Set(own.map((element) => element.dataset.key));
  const seen = new Set();
  const found = [];
  for (const element of scope.querySelectorAll("[data-key], [data-action]")) {
    const label = labelOf(element);
    if (!label || seen.has(label) || element.disabled || element.closest("template, .palette")) continue;
    if (!isVisible(element) && !element.closest("details[data-menu]")) continue;
    if (element.dataset.key && taken.has(element.dataset.key) && element.closest(".rail")) continue;
    seen.add(label);
    found.push({ element, label, key: element.dataset.key ? effective(element.dataset.key) : "" });
  }
  return found;
}

function labelOf(element) {
  const given = element.dataset.keyLabel || element.dataset.action || element.getAttribute("aria-label");
  if (given) return given;
  const copy = element.cloneNode(true);
  copy.querySelectorAll("kbd, svg, .count, .badge").forEach((part) => part.remove());
  return copy.textContent.replace(/\s+/g, " ").trim();
}

/** Do what an element stands for. */
export function activate(element) {
  const menu = element.closest("details[data-menu]");
  if (isWriting(element)) element.focus();
  else element.click();
  if (menu) menu.open = false;
}

/** What a key does: the page's own element goes before the rail's, as it knows the day or the customer at hand. */
function find(scope, struck) {
  let inRail = null;
  for (const element of scope.querySelectorAll("[data-key]")) {
    if (effective(element.dataset.key) !== struck || element.disabled || !isVisible(element)) continue;
    if (!element.closest(".rail")) return element;
    inRail ??= element;
  }
  return inRail;
}

function builtIn(struck) {
  if (struck === effective("j")) return list.move(1);
  if (struck === effective("k")) return list.move(-1);
  if (struck === "Enter") return list.open();
  if (struck === "?") return help();
  return false;
}

function help() {
  const dialog = document.getElementById("keys-help");
  if (!dialog) return false;
  if (!dialog.open) dialog.showModal();
  return true;
}

function fillHelp(dialog) {
  const found = dialog.querySelector("[data-keys-found]");
  found.replaceChildren();
  for (const { key, label } of actions()) {
    if (!key) continue;
    const line = document.createElement("div");
    const keys = document.createElement("dt");
    for (const part of key.split(" ")) {
      const kbd = document.createElement("kbd");
      kbd.textContent = part;
      keys.append(kbd, " ");
    }
    const what = document.createElement("dd");
    what.textContent = label;
    line.append(keys, what);
    found.append(line);
  }
  dialog.querySelectorAll("[data-keys-for-list]").forEach((line) => { line.hidden = !list.hasList(); });
}

/** Show each person's own keys where the page prints the default ones, and tell screen readers. */
function label(scope) {
  const map = keymap();
  for (const element of scope.querySelectorAll?.("[data-key]") ?? []) {
    const kbd = element.querySelector("kbd");
    if (kbd && map[element.dataset.key]) kbd.textContent = map[element.dataset.key];
    if (keysOn()) element.setAttribute("aria-keyshortcuts", effective(element.dataset.key));
  }
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.isComposing || !keysOn() || isWriting(event.target)) return;
  if (event.ctrlKey && !event.getModifierState("AltGraph") || event.metaKey || event.altKey && !event.getModifierState("AltGraph")) return;
  if (event.key.length > 1 && event.key !== "Enter") return;
  const dialog = document.querySelector("dialog[open]");
  const scope = dialog ?? document;
  const sequence = first && Date.now() - firstAt < SEQUENCE_MS ? `${first} ${event.key}` : "";
  const target = (sequence && find(scope, sequence)) || find(scope, event.key);
  first = sequence && target ? "" : event.key;
  firstAt = Date.now();
  if (target) activate(target);
  else if (dialog || !builtIn(event.key)) return;
  event.preventDefault();
});

const helpDialog = document.getElementById("keys-help");
if (helpDialog) new MutationObserver(() => helpDialog.open && fillHelp(helpDialog)).observe(helpDialog, { attributeFilter: ["open"] });
label(document);
if (/Mac|iPhone|iPad/.test(navigator.platform)) document.querySelectorAll("kbd[data-modifier]").forEach((kbd) => { kbd.textContent = "⌘"; });
document.addEventListener("htmx:load", (event) => label(event.detail.elt));

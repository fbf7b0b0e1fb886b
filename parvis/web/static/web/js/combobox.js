// A field that suggests (ARIA combobox with a list box): <div data-combobox [data-next="#field"]> around an input with
// role=combobox, a hidden input [data-combobox-value], and a role=listbox of role=option with data-value and data-label.
// The options come from the server by the input's hx-get; with data-combobox="local" they stand there and are narrowed.
// Choosing fills the hidden input, sends "chosen" (bubbles), and goes on to data-next.
import { announce, folded, say } from "./shared.js";

const boxOf = (element) => element?.closest?.("[data-combobox]");
const part = (box) => ({
  input: box.querySelector("[role=combobox]"),
  value: box.querySelector("[data-combobox-value]"),
  list: box.querySelector("[role=listbox]"),
});
const shown = (box) => [...part(box).list.querySelectorAll("[role=option]")].filter((option) => !option.hidden);
// Enter struck before the answer is there chooses as soon as it comes.
const hasty = new WeakSet();

function mark(box, at) {
  const { input } = part(box);
  const options = shown(box);
  options.forEach((option, number) => {
    option.id ||= `${input.id}-${option.dataset.value || "option"}-${number}`;
    option.setAttribute("aria-selected", String(number === at));
  });
  if (options[at]) input.setAttribute("aria-activedescendant", options[at].id);
  else input.removeAttribute("aria-activedescendant");
  options[at]?.scrollIntoView({ block: "nearest" });
}

const marked = (box) => shown(box).findIndex((option) => option.getAttribute("aria-selected") === "true");

function open(box, yes) {
  const { input, list } = part(box);
  const any = yes && shown(box).length > 0;
  list.hidden = !any;
  input.setAttribute("aria-expanded", String(any));
  // Only looked through, not typed in: nothing is chosen by going on with Tab.
  if (any && input.value.trim()) mark(box, Math.max(0, marked(box)));
  else if (any) mark(box, -1);
  else input.removeAttribute("aria-activedescendant");
}

/** Every word typed must begin a word of the option or of the branches it hangs on; the trunk stays above its branches. */
function narrow(box) {
  const words = folded(part(box).input.value).split(/\s+/).filter(Boolean);
  const above = [];
  let first = -1;
  const options = [...part(box).list.querySelectorAll("[role=option]")];
  options.forEach((option, number) => {
    const depth = Number(option.dataset.depth ?? 0);
    above.length = depth;
    above[depth] = folded(option.dataset.label);
    const text = ` ${above.join(" ")}`;
    option.hidden = !words.every((word) => text.includes(` ${word}`) || text.includes(`'${word}`) || text.includes(`’${word}`));
    if (!option.hidden && first < 0 && words.every((word) => ` ${above[depth]}`.includes(` ${word}`))) first = number;
  });
  options.forEach((option, number) => option.setAttribute("aria-selected", String(number === first)));
}

function settle(box, value, label) {
  const { input, value: field } = part(box);
  const before = field.value;
  field.value = value;
  if (label) input.value = label;
  if (before !== value) box.dispatchEvent(new CustomEvent("chosen", { bubbles: true, detail: { value } }));
}

function choose(box, option, goOn = true) {
  settle(box, option.dataset.value, option.dataset.label);
  open(box, false);
  if (goOn && box.dataset.next) document.querySelector(box.dataset.next)?.focus();
}

document.addEventListener("input", (event) => {
  const box = boxOf(event.target);
  if (!box || event.target.getAttribute("role") !== "combobox") return;
  hasty.delete(box);
  settle(box, "", "");
  if (box.dataset.combobox === "local") {
    narrow(box);
    open(box, event.target.value.trim() !== "");
  } else {
    box.dataset.waiting = "yes";
    if (!event.target.value.trim()) {
      part(box).list.replaceChildren();
      open(box, false);
      delete box.dataset.waiting;
    }
  }
});

document.addEventListener("htmx:afterSwap", (event) => {
  const box = boxOf(event.target);
  if (!box || event.target !== part(box).list) return;
  delete box.dataset.waiting;
  const { input } = part(box);
  if (document.activeElement !== input) return open(box, false);
  mark(box, 0);
  open(box, true);
  if (hasty.delete(box) && shown(box)[0]) choose(box, shown(box)[0]);
  else announce(say("results", { n: shown(box).length }));
});

document.addEventListener("keydown", (event) => {
  if (event.target.form?.matches("[data-submit-keys]") && event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    return event.target.form.requestSubmit();
  }
  const box = boxOf(event.target);
  if (!box || event.isComposing || event.target.getAttribute("role") !== "combobox") return;
  const { list } = part(box);
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) {
    if (list.hidden && box.dataset.combobox === "local") narrow(box);
    const options = shown(box);
    const now = list.hidden ? -1 : marked(box);
    const at = now < 0 ? (step > 0 ? 0 : options.length - 1) : (now + step + options.length) % options.length;
    open(box, true);
    mark(box, at);
    event.preventDefault();
  } else if (event.key === "Enter") {
    // Enter in a field of suggestions never sends the form by accident.
    event.preventDefault();
    const option = shown(box)[marked(box)];
    if (box.dataset.waiting) hasty.add(box);
    else if (!list.hidden && option) choose(box, option);
    else if (box.dataset.next) document.querySelector(box.dataset.next)?.focus();
  } else if (event.key === "Tab" && !list.hidden && !event.shiftKey) {
    const option = shown(box)[marked(box)];
    if (option && !box.dataset.waiting) choose(box, option, false);
  } else if (event.key === "Escape" && !list.hidden) {
    open(box, false);
    event.preventDefault();
    event.stopPropagation();
  }
});

document.addEventListener("pointerdown", (event) => {
  const option = event.target.closest?.("[data-combobox] [role=option]");
  if (option) {
    event.preventDefault();
    choose(boxOf(option), option);
  }
});
document.addEventListener("focusin", (event) => {
  const box = boxOf(event.target);
  for (const other of document.querySelectorAll("[data-combobox]")) if (other !== box) open(other, false);
  if (box?.dataset.combobox === "local" && event.target.getAttribute("role") === "combobox") {
    narrow(box);
    open(box, true);
  }
});

// Parts of a form that only some choices need: data-shown-with="name" data-shown-for="value value".
function showParts(form) {
  for (const element of form?.querySelectorAll("[data-shown-with]") ?? []) {
    const chosen = form.querySelector(`[name="${element.dataset.shownWith}"]:checked`)?.value;
    element.hidden = !element.dataset.shownFor.split(" ").includes(chosen);
  }
}
document.addEventListener("change", (event) => showParts(event.target.form));
document.addEventListener("htmx:load", ({ detail: { elt } }) => {
  for (const form of [elt.closest?.("form"), ...(elt.querySelectorAll?.("form") ?? [])]) showParts(form);
});
document.querySelectorAll("form").forEach(showParts);

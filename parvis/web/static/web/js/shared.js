// Small things that several modules need.

/** A sentence of #ui-strings in the page's language; {n}, {t}… are filled in from `values`. */
export function say(name, values = {}) {
  const sentence = document.getElementById("ui-strings")?.dataset[name] ?? "";
  return sentence.replace(/\{(\w+)\}/g, (whole, key) => values[key] ?? whole);
}

/** Tell screen readers, without moving anything on the page. */
export function announce(sentence) {
  const region = document.getElementById("announce");
  if (region) region.textContent = sentence;
}

/** Lower case without accents or ligatures: "Éléonore Œuvrard" → "eleonore oeuvrard". */
export function folded(words) {
  return words.normalize("NFD").replace(/\p{M}/gu, "").replace(/œ/gi, "oe").replace(/æ/gi, "ae").toLowerCase();
}

/** Whether keystrokes are someone's text at the moment. */
export function isWriting(target) {
  // A dialog that has just closed keeps the focus for a moment: nobody writes in it any more.
  return target instanceof Element && !target.closest("dialog:not([open])") &&
    !!target.closest("input:not([type=checkbox], [type=radio], [type=button], [type=submit]), textarea, select, [contenteditable=''], [contenteditable=true]");
}

export function isVisible(element) {
  return element.checkVisibility ? element.checkVisibility({ visibilityProperty: true }) : element.offsetParent !== null;
}

/** The token that Django wants with every POST; base.html hands it to htmx on <body>. */
export function csrfToken() {
  try {
    return JSON.parse(document.body.getAttribute("hx-headers") ?? "{}")["X-CSRFToken"] ?? "";
  } catch {
    return "";
  }
}

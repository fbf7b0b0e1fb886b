// The composer: reply or note, Ctrl-Enter sends, macros go in where the caret stands.

const boxOf = (element) => element.closest("[data-composer]");

/** Show the reply or the note and go on writing it. */
function choose(box, kind, focus = true) {
  box.dataset.kind = kind;
  for (const tab of box.querySelectorAll("[data-composer-tab]")) tab.setAttribute("aria-pressed", String(tab.dataset.composerTab === kind));
  for (const form of box.querySelectorAll("[data-composer-form]")) form.hidden = form.dataset.composerForm !== kind;
  const area = box.querySelector(`[data-composer-form="${kind}"] textarea`);
  grow(area);
  if (!focus) return;
  area.focus();
  area.setSelectionRange(area.value.length, area.value.length);
}

/** As tall as its text, where the browser does not do that by itself. */
function grow(area) {
  if (!area || CSS.supports("field-sizing", "content")) return;
  area.style.height = "auto";
  area.style.height = `${area.scrollHeight + 2}px`;
}

/** A call or a visit is noted, a mail is sent: the button says which. */
function name(select) {
  select.form.dataset.said = select.value === "email" ? "no" : "yes";
}

function insert(area, text) {
  const { selectionStart: from, selectionEnd: to, value } = area;
  const before = value.slice(0, from);
  const gap = before && !before.endsWith("\n") ? "\n\n" : "";
  area.setRangeText(gap + text, from, to, "end");
  area.dispatchEvent(new Event("input", { bubbles: true }));
  area.focus();
}

document.addEventListener("click", (event) => {
  const tab = event.target.closest("[data-composer-tab]");
  if (tab) choose(boxOf(tab), tab.dataset.composerTab);
  const macro = event.target.closest("[data-macro]");
  if (macro) {
    macro.closest("details[data-menu]").open = false;
    insert(macro.closest("form").querySelector("textarea"), macro.dataset.macro);
  }
  const again = event.target.closest("[data-send-again]");
  if (again) {
    const form = boxOf(again).querySelector("[data-composer-form=reply]");
    form.requestSubmit(form.querySelector(`[name=then][value="${form.dataset.then ?? "stay"}"]`));
  }
});

// What was meant to happen after sending is meant still when the guard has let the message through.
document.addEventListener("submit", (event) => {
  const form = event.target.closest?.("[data-composer-form]");
  if (form && event.submitter?.name === "then") form.dataset.then = event.submitter.value;
  const notice = form && boxOf(form).querySelector(".composer-notice");
  notice?.replaceChildren();
}, true);

document.addEventListener("keydown", (event) => {
  const area = event.target.closest?.("[data-composer] textarea");
  if (!area || event.isComposing) return;
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    area.form.requestSubmit(area.form.querySelector("[data-send]"));
    event.preventDefault();
  } else if (event.key === "Escape") area.blur();
});

// Sent: the hands are free for the next key. Taken back: the text is there to go on with. After htmx has put the focus
// back where it was, hence the pause.
const SETTLED_MS = 80;
document.addEventListener("desk:sent", () => setTimeout(() => document.activeElement?.closest("[data-composer]") && document.activeElement.blur(), SETTLED_MS));
document.addEventListener("desk:taken", () => setTimeout(() => {
  const box = document.querySelector("[data-composer]");
  if (box) choose(box, "reply");
}, SETTLED_MS));

document.addEventListener("input", (event) => event.target.matches?.("[data-grows]") && grow(event.target));
document.addEventListener("change", (event) => event.target.matches?.("[data-channel]") && name(event.target));

function setUp(scope) {
  for (const select of scope.querySelectorAll("[data-channel]")) name(select);
  for (const area of scope.querySelectorAll("[data-grows]")) grow(area);
}
setUp(document);
document.addEventListener("htmx:load", (event) => setUp(event.detail.elt));

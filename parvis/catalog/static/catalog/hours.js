// The editor of opening hours: add and remove spans, copy a day to others, say when a closing time is on the next day.
// Without script every day shows its spans and an empty pair, and the form works all the same.

const form = document.querySelector("[data-hours]");
const template = document.getElementById("hours-span");
const days = () => [...form.querySelectorAll("[data-day]")];
const spansOf = (day) => [...day.querySelectorAll("[data-span]")];
const changed = () => window.htmx?.trigger(form, "hours:changed");

/** A new pair of fields for a day, in front of the word "Closed". */
function add(day, from = "", to = "") {
  const span = template.content.firstElementChild.cloneNode(true);
  const [start, end] = span.querySelectorAll("input");
  for (const [input, what, value] of [[start, "from", from], [end, "to", to]]) {
    input.name = `${day.dataset.day}_${what}`;
    input.value = value;
    input.setAttribute("aria-label", `${day.dataset.name}${input.getAttribute("aria-label")}`);
  }
  const list = day.querySelector("[data-spans]");
  list.insertBefore(span, list.querySelector(".hours-closed"));
  mark(span);
  return span;
}

/** "next day" beside a closing time that is not after its opening time. */
function mark(span) {
  const [start, end] = [...span.querySelectorAll("input")].map((input) => input.value);
  span.querySelector("[data-night]").hidden = !(start && end && end <= start && end !== "00:00");
}

/** What a new span most likely is: the afternoon after a morning, else the usual morning. */
function guess(day) {
  const last = spansOf(day).at(-1)?.querySelectorAll("input")[1].value;
  return last && last < "17:00" ? ["14:00", "18:00"] : last ? ["", ""] : ["09:00", "12:30"];
}

function copy(day, targets) {
  const pairs = spansOf(day).map((span) => [...span.querySelectorAll("input")].map((input) => input.value));
  for (const other of days()) {
    if (other === day || !targets.includes(other.dataset.day)) continue;
    spansOf(other).forEach((span) => span.remove());
    pairs.forEach(([from, to]) => add(other, from, to));
  }
}

form?.addEventListener("click", (event) => {
  const day = event.target.closest("[data-day]");
  if (!day) return;
  if (event.target.closest("[data-span-add]")) {
    add(day, ...guess(day)).querySelector("input").focus();
    changed();
  }
  const remove = event.target.closest("[data-span-remove]");
  if (remove) {
    remove.closest("[data-span]").remove();
    day.querySelector("[data-span-add]").focus();
    changed();
  }
  const target = event.target.closest("[data-copy]");
  if (target) {
    copy(day, target.dataset.copy.split(" "));
    changed();
  }
});
form?.addEventListener("input", (event) => {
  const span = event.target.closest("[data-span]");
  if (span) mark(span);
});
form?.querySelectorAll("[data-span]").forEach(mark);

// What is read: new messages count once they were seen on screen, and only then pass the send guard. Who is here,
// and who is writing.

const TYPING_MS = 15000;
const SEEN_MS = 700;
let typingTimer = 0;
const waiting = new Map();

const conversation = () => document.getElementById("conversation");

function mark(id) {
  const place = conversation();
  const input = place?.querySelector("[data-seen-input]");
  if (!input || Number(input.value) >= id) return;
  input.value = id;
  const guard = place.querySelector("[data-seen-guard]");
  if (guard && Number(guard.value) < id) guard.value = id;
  window.htmx.trigger(place.querySelector("[data-presence]"), "desk:seen");
}

const observer = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    clearTimeout(waiting.get(target));
    if (isIntersecting && !document.hidden) waiting.set(target, setTimeout(() => {
      observer.unobserve(target);
      mark(Number(target.dataset.seen));
    }, SEEN_MS));
  }
}, { threshold: 0.4 });

/** The element that scrolls: the pane on a screen, the page on a phone. */
function scroller() {
  const pane = document.getElementById("pane-thread");
  return pane && getComputedStyle(pane).overflowY === "auto" ? pane : document.scrollingElement;
}

const atEnd = (place) => place.scrollHeight - place.scrollTop - place.clientHeight < 160;

function toEnd() {
  const place = scroller();
  if (conversation()) place.scrollTop = place.scrollHeight;
}

let wasAtEnd = true;
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.target?.id === "messages") wasAtEnd = atEnd(scroller());
}, true);
document.addEventListener("desk:added", (event) => {
  for (const item of event.detail.added) if (item.dataset.seen) observer.observe(item);
  if (wasAtEnd) toEnd();
});
// Earlier messages go in above: what one was reading stays where it was.
document.addEventListener("htmx:beforeSwap", (event) => {
  if (!event.detail.target?.id.startsWith("item-earlier-")) return;
  const place = scroller();
  const from = place.scrollHeight - place.scrollTop;
  requestAnimationFrame(() => { place.scrollTop = place.scrollHeight - from; });
});
document.addEventListener("desk:arrived", () => {
  const newest = [...document.querySelectorAll("#messages .thread-item:has(.message-customer)")].at(-1);
  newest?.scrollIntoView({ block: "center" });
  newest?.classList.add("just-arrived");
});
document.addEventListener("htmx:afterSettle", (event) => {
  if (event.detail.target?.id === "pane-thread") toEnd();
});

document.addEventListener("input", (event) => {
  if (!event.target.closest?.("[data-composer] textarea")) return;
  const typing = conversation()?.querySelector("[data-typing]");
  if (!typing) return;
  const began = !typing.value;
  typing.value = "yes";
  if (began) window.htmx.trigger(typing.closest("[data-presence]"), "desk:seen");
  clearTimeout(typingTimer);
  typingTimer = setTimeout(() => { typing.value = ""; }, TYPING_MS);
});
// A tab in the background has nothing on screen.
document.addEventListener("htmx:beforeRequest", (event) => {
  if (document.hidden && event.target.matches?.("[data-presence]")) event.preventDefault();
});

toEnd();

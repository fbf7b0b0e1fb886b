// The list beside the conversation: fetched again it has as many rows as before, and the open one stays marked. And the
// seconds until a reply leaves.

const openId = () => document.getElementById("conversation")?.dataset.encounter ?? "";

document.addEventListener("htmx:configRequest", (event) => {
  if (event.target.id !== "inbox-rows") return;
  event.detail.parameters.rows = event.target.querySelectorAll("[data-row]").length;
  event.detail.parameters.current = openId();
});

// While a row is being opened it must stay in the page: htmx puts what stands beside an answer (the customer's panel)
// nowhere when the element that asked has gone. The list is fetched again a moment later.
const LATER_MS = 700;
document.addEventListener("htmx:beforeSwap", (event) => {
  const { target } = event.detail;
  if (target?.id !== "inbox-rows" || !target.querySelector(".htmx-request")) return;
  event.detail.shouldSwap = false;
  setTimeout(() => window.htmx.trigger(document.body, "live:inbox"), LATER_MS);
});

/** Mark the row of the conversation that is open; htmx opens some without a click on their row. */
function mark() {
  const row = document.getElementById(`row-${openId()}`);
  for (const other of document.querySelectorAll('#inbox-rows [aria-current="true"]')) if (other !== row) other.removeAttribute("aria-current");
  row?.setAttribute("aria-current", "true");
  row?.classList.remove("row-unread");
}

document.addEventListener("htmx:afterSettle", (event) => {
  const { target } = event.detail;
  // A list that was asked for before the conversation opened would show it as unread for good.
  if (target?.id === "inbox-rows") mark();
  if (target?.id !== "pane-thread") return;
  mark();
  const panes = document.querySelector("[data-panes]");
  if (panes && !openId()) panes.dataset.show = "list";
});

/** The tab of the view that is open, however narrow the list. */
function showTab() {
  const tab = document.querySelector('#inbox-views [aria-current="page"]');
  const bar = tab?.parentElement;
  if (bar) bar.scrollLeft = tab.offsetLeft - bar.clientWidth / 2 + tab.offsetWidth / 2;
}
showTab();
document.addEventListener("htmx:oobAfterSwap", (event) => event.detail.target?.id === "inbox-views" && showTab());

function countDown() {
  for (const place of document.querySelectorAll("[data-leaves]")) {
    const left = Math.ceil((Date.parse(place.dataset.leaves) - Date.now()) / 1000);
    if (left > 0) place.textContent = place.dataset.words.replace("{n}", left);
    else if (!place.dataset.left) {
      place.dataset.left = "yes";
      window.htmx.trigger(place.closest(".delivery"), "desk:left");
    }
  }
}
setInterval(countDown, 500);

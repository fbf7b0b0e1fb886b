// One stream of thin events per page: {"topics": ["encounter:42"]} becomes the event live:encounter:42 on <body>,
// and elements with hx-trigger="live:encounter:42 from:body, live:poll from:body" fetch themselves again.
// Where there is no stream (204 beyond the server's cap, or a proxy in the way), live:poll comes every 20 s.

const POLL_MS = 20000;
const RETRY_STREAM_MS = 120000;
const OFFLINE_AFTER_MS = 6000;
const url = document.body.dataset.liveUrl;
let source = null;
let poll = 0;
let retry = 0;
let offlineTimer = 0;
let missed = false;

const fire = (name, detail = {}) => window.htmx ? window.htmx.trigger(document.body, name, detail) : null;

/** "on", "polling" or "offline", on <body data-live> for styles and tests; only being offline is shown to people. */
function state(name) {
  clearTimeout(offlineTimer);
  if (name === "offline") offlineTimer = setTimeout(() => mark("offline"), OFFLINE_AFTER_MS);
  else mark(name);
}

function mark(name) {
  document.body.dataset.live = name;
  const line = document.querySelector("[data-live-state]");
  if (line) line.hidden = name !== "offline";
}

function startPolling() {
  source = null; // refused for good: the browser will not try this one again
  clearInterval(poll);
  poll = setInterval(() => document.hidden || fire("live:poll"), POLL_MS);
  clearTimeout(retry);
  retry = setTimeout(open, RETRY_STREAM_MS);
  state(navigator.onLine ? "polling" : "offline");
}

function stop() {
  clearInterval(poll);
  clearTimeout(retry);
  source?.close();
  source = null;
}

function open() {
  stop();
  source = new EventSource(url);
  source.addEventListener("open", () => {
    state("on");
    if (missed) fire("live:poll");
    missed = false;
  });
  source.addEventListener("changed", (event) => {
    let topics = [];
    try {
      topics = JSON.parse(event.data).topics ?? [];
    } catch { /* An event that cannot be read still means that something changed. */
      fire("live:poll");
    }
    for (const topic of new Set(topics)) fire(`live:${topic}`, { topic });
  });
  source.addEventListener("error", () => {
    missed = true;
    if (source?.readyState === EventSource.CLOSED) startPolling();
    else state("offline");
  });
}

if (url) {
  // Not before htmx has found the elements that wait for an event.
  if (document.readyState === "loading" || document.readyState === "interactive") document.addEventListener("DOMContentLoaded", open);
  else open();
  window.addEventListener("online", open);
  window.addEventListener("offline", () => state("offline"));
  window.addEventListener("pagehide", stop);
  window.addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    missed = true;
    open();
  });
  // While polling, the requests themselves tell whether the house can be reached.
  document.addEventListener("htmx:sendError", () => poll && state("offline"));
  document.addEventListener("htmx:afterOnLoad", () => document.body.dataset.live === "offline" && !source && state("polling"));
}

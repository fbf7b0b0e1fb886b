// A thread that is fetched again keeps what has not changed: open folds, frames, selected text. The server gives every
// child an id and a version; only a child with another version is replaced.

const ours = (container) => [...container.children].filter((child) => !child.hasAttribute("data-earlier"));

function reconcile(container, html) {
  const fresh = document.createElement("template");
  fresh.innerHTML = html;
  const wanted = [...fresh.content.children];
  // Once earlier messages were loaded, the line that offers them stands above those.
  if (container.querySelector(":scope > [data-earlier]") && wanted[0]?.id.startsWith("item-earlier-")) wanted.shift();
  const known = new Map(ours(container).map((child) => [child.id, child]));
  const added = [];
  let last = [...container.querySelectorAll(":scope > [data-earlier]")].at(-1) ?? null;
  for (const child of wanted) {
    const old = known.get(child.id);
    known.delete(child.id);
    const keep = old && old.dataset.version === child.dataset.version;
    const placed = keep ? old : child;
    if (old && !keep) old.replaceWith(child);
    const next = last ? last.nextElementSibling : container.firstElementChild;
    if (next !== placed) last ? last.after(placed) : container.prepend(placed);
    if (!keep) added.push(placed);
    last = placed;
  }
  for (const gone of known.values()) gone.remove();
  for (const element of added) window.htmx.process(element);
  return added;
}

document.addEventListener("htmx:beforeSwap", (event) => {
  const { target, serverResponse, xhr } = event.detail;
  if (!target?.hasAttribute("data-reconcile") || xhr.status !== 200) return;
  event.detail.shouldSwap = false;
  const added = reconcile(target, serverResponse);
  if (added.length) target.dispatchEvent(new CustomEvent("desk:added", { bubbles: true, detail: { added } }));
});

// What somebody is changing right now is not fetched away from under their hands.
document.addEventListener("htmx:beforeSwap", (event) => {
  const { target } = event.detail;
  if (target?.id !== "encounter-head" && target?.id !== "panel") return;
  const busy = target.contains(document.activeElement) && document.activeElement.matches("input, textarea");
  if (busy || target.querySelector("details[data-menu][open]")) event.detail.shouldSwap = false;
});

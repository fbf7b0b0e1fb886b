// Formatted mail is fetched when its fold is opened, and its frame made as tall as the mail. The frame runs no script
// and is of our origin, so that it can be measured from here.
const TALLEST = 4000;

function fit(frame) {
  const page = frame.contentDocument?.documentElement;
  if (!page || !frame.contentDocument.body?.childNodes.length) return;
  const measure = () => {
    frame.style.height = "0";
    frame.style.height = `${Math.min(TALLEST, Math.max(40, page.scrollHeight + 2))}px`;
  };
  measure();
  for (const image of frame.contentDocument.images) image.addEventListener("load", measure);
}

document.addEventListener("toggle", (event) => {
  const fold = event.target;
  if (!fold.matches?.("details[data-formatted]") || !fold.open) return;
  const frame = fold.querySelector("iframe");
  if (!frame.getAttribute("src")) frame.src = frame.dataset.src;
}, true);

document.addEventListener("load", (event) => event.target.matches?.("[data-formatted] iframe") && fit(event.target), true);
for (const frame of document.querySelectorAll("[data-formatted] iframe[src]")) fit(frame);

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-remote-images]");
  if (!button) return;
  const frame = button.closest("[data-formatted]").querySelector("iframe");
  frame.src = `${frame.dataset.src}?images=1`;
  button.closest("p").remove();
});

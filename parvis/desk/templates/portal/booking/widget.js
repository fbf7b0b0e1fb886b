// Parvis: puts a booking frame where this script stands, and gives it the height it needs.
//   <script src="https://…/widget.js" data-offering="revision" async></script>
// data-offering or data-site: what can be booked; data-lang: "fr" or "en" (default: the browser's); data-theme: "light"
// (default), "dark" or "auto"; data-target: the id of an element to fill instead; data-partner: in whose name.
(() => {
  "use strict";
  const script = document.currentScript;
  const slug = script.dataset.offering || script.dataset.site;
  if (!slug) return;
  const home = new URL(script.src).origin;
  const language = script.dataset.lang || "";
  const frame = document.createElement("iframe");
  const wishes = new URLSearchParams({ theme: script.dataset.theme || "light" });
  if (script.dataset.partner) wishes.set("partner", script.dataset.partner);
  if (language) wishes.set("lang", language);
  frame.src = `${home}/widget/${encodeURIComponent(slug)}/?${wishes}`;
  frame.title = script.dataset.title || ((language || document.documentElement.lang).startsWith("fr") ? "Réserver" : "Book");
  frame.style.cssText = "display:block;width:100%;min-height:420px;border:0;color-scheme:normal";
  frame.loading = "lazy";
  window.addEventListener("message", (event) => {
    if (event.origin !== home || event.source !== frame.contentWindow) return;
    const height = event.data && event.data.parvis === "height" ? Number(event.data.height) : NaN;
    if (height > 0 && height < 20000) frame.style.height = `${Math.ceil(height)}px`;
  });
  const target = script.dataset.target && document.getElementById(script.dataset.target);
  if (target) target.replaceChildren(frame);
  else script.after(frame);
})();

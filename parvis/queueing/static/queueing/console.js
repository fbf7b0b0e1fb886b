// The time somebody has to come to the counter, running: <span data-countdown="ISO instant"> with two parts, one while
// it runs (data-countdown-left, in which the seconds stand) and one for when it is over (data-countdown-over).
function tick() {
  for (const element of document.querySelectorAll("[data-countdown]")) {
    const left = Math.ceil((Date.parse(element.dataset.countdown) - Date.now()) / 1000);
    const running = element.querySelector("[data-countdown-left]");
    const over = element.querySelector("[data-countdown-over]");
    if (Number.isNaN(left) || !running || !over) continue;
    running.hidden = left <= 0;
    over.hidden = left > 0;
    element.classList.toggle("grace-over", left <= 0);
    if (left > 0) {
      running.textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
    }
  }
}

tick();
setInterval(tick, 1000);
document.addEventListener("htmx:afterSettle", tick);

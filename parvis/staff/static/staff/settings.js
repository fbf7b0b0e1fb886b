// On a phone the list of settings is one line that scrolls: the page that is open stands in its middle.
const here = document.querySelector(".settings-nav [aria-current]");
const nav = here?.closest(".settings-nav");
if (nav && nav.scrollWidth > nav.clientWidth) nav.scrollLeft = here.offsetLeft - (nav.clientWidth - here.offsetWidth) / 2;

// A secret that is shown once: its button copies the field before it. Without https there is no clipboard, but a selection.
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copies]");
  const field = button?.parentElement.querySelector("input");
  if (!field) return;
  field.select();
  try {
    await navigator.clipboard.writeText(field.value);
  } catch {
    if (!document.execCommand("copy")) return;
  }
  button.querySelector("span").textContent = button.dataset.copied;
});

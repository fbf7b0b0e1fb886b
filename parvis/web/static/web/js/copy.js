// <input><button data-copies data-copied="Copied."> puts the value of the field before it on the clipboard and says so.
import { toast } from "./toast.js";

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copies]");
  const field = button?.parentElement.querySelector("input");
  if (!field) return;
  field.focus();
  field.select();
  try {
    await navigator.clipboard.writeText(field.value);
  } catch {
    // Houses reached without https have no clipboard but this one; the text is selected in any case.
    if (!document.execCommand("copy")) return;
  }
  toast({ text: button.dataset.copied, level: "success" });
});

// Files to attach: listed with their sizes, taken away one by one, refused here already when they are too large.

const kilobytes = (size) => size >= 1048576 ? `${(size / 1048576).toFixed(1)} MB` : `${Math.ceil(size / 1024)} kB`;

function show(input) {
  const list = input.form.querySelector("[data-files]");
  const files = [...input.files];
  list.replaceChildren(...files.map((file, number) => line(input, file, number)));
  const total = files.reduce((sum, file) => sum + file.size, 0);
  const trouble = total > Number(input.dataset.max) ? input.dataset.tooLarge : files.length > Number(input.dataset.count) ? input.dataset.tooMany : "";
  if (trouble) {
    const refused = document.createElement("li");
    refused.className = "bad";
    refused.textContent = trouble;
    list.append(refused);
  }
  input.setCustomValidity(trouble);
}

function line(input, file, number) {
  const item = document.createElement("li");
  const label = document.createElement("span");
  label.className = "truncate";
  label.textContent = `${file.name} · ${kilobytes(file.size)}`;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "icon-button";
  const cross = document.getElementById("ui-toast")?.content.querySelector("[data-toast-close] svg");
  if (cross) button.append(cross.cloneNode(true));
  button.setAttribute("aria-label", input.dataset.remove.replace("{name}", file.name));
  button.addEventListener("click", () => {
    const kept = new DataTransfer();
    [...input.files].forEach((other, at) => at !== number && kept.items.add(other));
    input.files = kept.files;
    show(input);
  });
  item.append(label, button);
  return item;
}

document.addEventListener("change", (event) => event.target.matches?.("[data-attach]") && show(event.target));

// Files dropped or pasted into the text are attached.
function take(event, transfer) {
  const form = event.target.closest?.("[data-composer-form]");
  const input = form?.querySelector("[data-attach]");
  if (!input || !transfer?.files.length) return;
  event.preventDefault();
  const all = new DataTransfer();
  for (const file of [...input.files, ...transfer.files]) all.items.add(file);
  input.files = all.files;
  show(input);
}
document.addEventListener("drop", (event) => take(event, event.dataTransfer));
document.addEventListener("paste", (event) => take(event, event.clipboardData));
document.addEventListener("dragover", (event) => event.target.closest?.("[data-composer-form]") && event.preventDefault());

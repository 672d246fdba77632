// A form that sends its files as they come, chosen or dropped, and lists them; without a script it sends all at once.
export function receiveFiles(form, sendAll, droppedIn = (transfer) => [...transfer.files]) {
  form.querySelector('[data-part="hint"]').textContent = form.dataset.hint;
  form.querySelector('[data-part="send"]').hidden = true;
  for (const input of form.querySelectorAll('input[type="file"]')) {
    const take = () => {
      sendAll([...input.files]);
      input.value = "";
    };
    input.addEventListener("change", take);
    // What was chosen before this script ran.
    take();
  }
  for (const name of ["dragenter", "dragover"])
    form.addEventListener(name, (event) => {
      event.preventDefault();
      form.toggleAttribute("data-over", true);
    });
  for (const name of ["dragleave", "drop"]) form.addEventListener(name, () => form.toggleAttribute("data-over", false));
  form.addEventListener("drop", async (event) => {
    event.preventDefault();
    sendAll(await droppedIn(event.dataTransfer));
  });
}

export function listed(form, file) {
  const item = document.createElement("li");
  const progress = document.createElement("progress");
  const note = document.createElement("span");
  progress.max = 1;
  progress.value = 0;
  progress.setAttribute("aria-label", file.name);
  item.append(`${file.name} `, progress, " ", note);
  form.querySelector('[data-part="files"]').append(item);
  return { item, progress, note };
}

// Without a reason it was received.
export function finish(form, { item, progress, note }, reason) {
  progress.remove();
  note.textContent = reason || form.dataset.received;
  note.className = reason ? "text-danger" : "text-success";
  item.dataset.done = reason ? "refused" : "received";
}

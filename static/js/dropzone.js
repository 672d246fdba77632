// Sends chosen or dropped files one at a time, with progress; without this script the form sends them all at once.
const form = document.querySelector('form[data-module="dropzone"]');
if (form) enhance(form);

function enhance(form) {
  const input = form.querySelector('input[type="file"]');
  form.querySelector('[data-part="hint"]').textContent = form.dataset.hint;
  form.querySelector('[data-part="send"]').hidden = true;
  const take = () => {
    sendAll(form, [...input.files]);
    input.value = "";
  };
  input.addEventListener("change", take);
  // What was chosen before this script ran.
  take();
  for (const name of ["dragenter", "dragover"])
    form.addEventListener(name, (event) => {
      event.preventDefault();
      form.toggleAttribute("data-over", true);
    });
  for (const name of ["dragleave", "drop"]) form.addEventListener(name, () => form.toggleAttribute("data-over", false));
  form.addEventListener("drop", (event) => {
    event.preventDefault();
    sendAll(form, [...event.dataTransfer.files]);
  });
}

async function sendAll(form, files) {
  const lines = files.map((file) => line(form, file));
  for (const [index, file] of files.entries()) {
    await send(form, file, lines[index]);
    document.dispatchEvent(new CustomEvent("sources-changed"));
  }
}

function line(form, file) {
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

function send(form, file, { item, progress, note }) {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    const content = new FormData(form);
    content.delete("files");
    content.append("files", file);
    request.upload.addEventListener("progress", (event) => (progress.value = event.loaded / event.total));
    request.addEventListener("loadend", () => {
      const reason = reasonIn(request, form.dataset.failed);
      progress.remove();
      note.textContent = reason || form.dataset.received;
      note.className = reason ? "text-danger" : "text-success";
      item.dataset.done = reason ? "refused" : "received";
      resolve();
    });
    request.open("POST", form.action);
    request.setRequestHeader("Accept", "application/json");
    request.send(content);
  });
}

function reasonIn(request, otherwise) {
  try {
    const answer = JSON.parse(request.responseText);
    return request.status === 200 ? answer[0].reason : answer.message || otherwise;
  } catch {
    return otherwise;
  }
}

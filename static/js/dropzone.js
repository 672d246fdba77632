// Sends chosen or dropped files one at a time, with progress; without this script the form sends them all at once.
import { finish, listed, receiveFiles } from "./receiving.js";

const form = document.querySelector('form[data-module="dropzone"]');
if (form) receiveFiles(form, sendAll);

async function sendAll(files) {
  const lines = files.map((file) => listed(form, file));
  for (const [index, file] of files.entries()) {
    finish(form, lines[index], await send(file, lines[index].progress));
    document.dispatchEvent(new CustomEvent("sources-changed"));
  }
}

// Why it was refused; nothing where it was received.
function send(file, progress) {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    const content = new FormData(form);
    content.delete("files");
    content.append("files", file);
    request.upload.addEventListener("progress", (event) => (progress.value = event.loaded / event.total));
    request.addEventListener("loadend", () => resolve(reasonIn(request, form.dataset.failed)));
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

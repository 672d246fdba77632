// Chosen or dropped files and folders, one at a time with progress. Small files go to the form's own address; large
// ones and archives go in parts, which a lost line or a reload interrupts without loss. Without this script the form
// sends everything at once.
import { finish, listed, receiveFiles } from "./receiving.js";

const form = document.querySelector('form[data-module="scan-upload"]');
const AT_ONCE = 8 * 1024 * 1024;
const TRIES = 5;
const read = (reader) => new Promise((resolve, reject) => reader.readEntries(resolve, reject));
if (form) receiveFiles(form, sendAll, droppedIn);

async function droppedIn(transfer) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  return entries.length ? (await Promise.all(entries.map(filesIn))).flat() : [...transfer.files];
}

async function filesIn(entry) {
  if (entry.isFile) return [await new Promise((resolve, reject) => entry.file(resolve, reject))];
  const reader = entry.createReader();
  const found = [];
  // A directory is read a hundred entries at a time.
  for (let some = await read(reader); some.length; some = await read(reader)) found.push(...some);
  return (await Promise.all(found.map(filesIn))).flat();
}

async function sendAll(files) {
  const seen = files.filter((file) => !file.name.startsWith("."));
  const lines = seen.map((file) => listed(form, file));
  for (const [index, file] of seen.entries()) {
    const isLarge = file.size > AT_ONCE || /\.zip$/i.test(file.name);
    const reason = await (isLarge ? sendParts : sendWhole)(file, lines[index].progress).catch(() => form.dataset.failed);
    finish(form, lines[index], reason);
    document.dispatchEvent(new CustomEvent("sources-changed"));
  }
}

function content(fields) {
  const sent = new FormData();
  for (const name of ["csrf_token", "batch"]) sent.append(name, form.elements[name].value);
  for (const [name, value] of Object.entries(fields)) sent.append(name, value);
  return sent;
}

function post(address, body, onProgress = () => {}) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.upload.addEventListener("progress", (event) => onProgress(event.loaded));
    request.addEventListener("load", () => resolve(answerOf(request)));
    request.addEventListener("error", reject);
    request.open("POST", address);
    request.setRequestHeader("Accept", "application/json");
    request.send(body);
  });
}

function answerOf(request) {
  try {
    return { ok: request.status === 200, status: request.status, said: JSON.parse(request.responseText) };
  } catch {
    return { ok: false, status: request.status, said: {} };
  }
}

async function sendWhole(file, progress) {
  const answer = await post(form.action, content({ files: file }), (sent) => (progress.value = sent / file.size));
  return answer.ok ? answer.said[0].reason : answer.said.message || form.dataset.failed;
}

async function sendParts(file, progress) {
  const fingerprint = `${file.name}:${file.size}:${file.lastModified}`;
  const begun = await post(form.dataset.parts, content({ name: file.name, size: file.size, fingerprint }));
  if (!begun.ok) return begun.said.message || form.dataset.failed;
  let { received } = begun.said;
  for (let failures = 0; received < file.size; ) {
    const part = file.slice(received, received + begun.said.part);
    const shown = (sent) => (progress.value = (received + sent) / file.size);
    const answer = await post(begun.said.url, content({ offset: received, part }), shown).catch(() => null);
    if (answer?.ok) {
      received = answer.said.received;
      failures = 0;
    } else if (answer && answer.status < 500) return answer.said.message || form.dataset.failed;
    else if (++failures > TRIES) return form.dataset.failed;
    else await new Promise((resolve) => setTimeout(resolve, 1000 * 2 ** failures));
  }
  return "";
}

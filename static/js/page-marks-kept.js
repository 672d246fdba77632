// What the desk's server keeps of marks on pages: each change is sent at once, and can be taken back.
import { newKey } from "./key.js";
import { keepUnsaved } from "./unsaved.js";

const tools = document.querySelector('[data-module="page-marks"]');
const undoable = [];

export const part = (within, name) => within.querySelector(`[data-part="${name}"]`);
export const say = (name) => (part(tools, "said").textContent = tools.dataset[`words${name}`] ?? "");
export const fieldsOf = (form) => Object.fromEntries(new FormData(form));
export const surfaceOf = (file, page) => document.querySelector(`[data-part="surface"][data-file="${file}"][data-page="${page}"]`);
const formOf = (id) => document.querySelector(`form[data-mark="${id}"]`);

export async function add(fields) {
  const answer = await once(fields, "Placed");
  if (answer) undoable.push(() => formOf(answer.mark) && drop(formOf(answer.mark), "Undone"));
  return answer;
}

export async function change(form, fields) {
  const before = savedFields(form);
  const answer = await send(form.action, fields, "Changed");
  if (answer) undoable.push(() => send(form.action, { ...before, seen: answer.version }, "Undone"));
  return answer;
}

export async function remove(form) {
  const saved = savedFields(form);
  if (await drop(form, "Deleted")) undoable.push(() => again(saved, "Undone"));
}

export async function undo() {
  const last = undoable.pop();
  if (!last) return void say("Nothing");
  await last();
}

export function showMoves() {
  for (const button of document.querySelectorAll('[data-part="move"]')) button.hidden = false;
}

const again = (fields, done) => send(part(document, "composer").action, { ...fields, client_key: newKey() }, done);
// A form's own key: pressed twice, it places one mark.
const once = (fields, done) => (fields.client_key ? send(part(document, "composer").action, fields, done) : again(fields, done));
const drop = (form, done) => send(form.action, { ...savedFields(form), delete: "yes" }, done);

// As the page came, whatever is typed by now.
function savedFields(form) {
  const fields = fieldsOf(form);
  for (const name of ["text", "points"]) fields[name] = form.elements[name].defaultValue;
  if (form.elements.criterion) fields.criterion = form.elements.criterion.querySelector("option[selected]")?.value ?? "";
  return fields;
}

// One after the other: each answer brings all marks of its page, and the last one must know all of them.
let lastSent = Promise.resolve();
function send(...what) {
  const sent = lastSent.then(() => sendNow(...what));
  lastSent = sent.catch(() => null);
  return sent;
}

async function sendNow(address, fields, done) {
  const body = new FormData();
  const token = part(document, "composer").elements.csrf_token.value;
  for (const [name, value] of Object.entries({ ...fields, csrf_token: token })) body.set(name, value);
  const answer = await fetch(address, { method: "POST", body, headers: { Accept: "application/json" } }).catch(() => null);
  const told = await answer?.json().catch(() => null);
  const refused = part(tools, "refused");
  refused.hidden = Boolean(answer?.ok);
  refused.textContent = answer?.ok ? "" : (told?.message ?? tools.dataset.wordsFailed);
  if (!answer?.ok) return null;
  show(surfaceOf(fields.file, fields.page), told);
  say(done);
  return told;
}

function show(surface, told) {
  if (!surface) return window.location.reload();
  const fresh = new DOMParser().parseFromString(told.html, "text/html");
  const list = part(surface.parentElement, "marks");
  const hasFocus = list.contains(document.activeElement);
  // What is saved is typed no longer; what is open and typed at other marks stays.
  formOf(told.mark)?.reset();
  const opened = [...list.querySelectorAll("details[open]")].map((one) => one.closest("li").id);
  const putBack = keepUnsaved(list);
  part(surface, "overlay").replaceWith(part(fresh, "overlay"));
  list.replaceWith(part(fresh, "marks"));
  for (const id of opened.filter((one) => one !== `mark-${told.mark}`)) {
    document.querySelector(`#${id} details`)?.toggleAttribute("open", true);
  }
  putBack();
  showMoves();
  if (hasFocus) (document.querySelector(`#mark-${told.mark} summary`) ?? part(tools, "undo")).focus();
  const state = part(document, "marks-state");
  if (state) state.value = told.state;
  const unsaved = part(document, "marks-unsaved");
  if (unsaved) unsaved.hidden = told.is_saved;
}

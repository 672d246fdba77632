// Marks on the pages of a work: by mouse, touch and keys. Each change goes to the server at once, which sends the page's
// marks back; without this script the forms beside the pages do the same.
import { newKey } from "./key.js";
import { add, change, fieldsOf, part, remove, say, showMoves, surfaceOf, undo } from "./page-marks-kept.js";

const tools = document.querySelector('[data-module="page-marks"]');
const composer = document.querySelector('[data-part="composer"]');
const AREAS = ["box", "underline"];
const STEP = 0.02;
const FINE = 0.004;
const TYPED = 'textarea, select, input:not([type="radio"], [type="checkbox"], [type="submit"])';
const KEYS = { t: "tick", x: "cross", b: "box", u: "underline", m: "comment" };
const sending = new WeakSet();
let tool = "";
let moving = null;
let cursor = null;
let corner = null;
let latest = { at: 0 };

function start() {
  tools.hidden = false;
  for (const button of tools.querySelectorAll("[data-tool]")) {
    button.addEventListener("click", () => choose(tool === button.dataset.tool ? "" : button.dataset.tool));
  }
  part(tools, "undo").addEventListener("click", undo);
  for (const surface of surfaces()) listen(surface);
  const work = document.getElementById("work");
  work.addEventListener("submit", onSubmit);
  work.addEventListener("click", onClick);
  showMoves();
  composer.addEventListener("keydown", onComposerKey);
  part(composer, "cancel").addEventListener("click", () => closeComposer(true));
  if (tools.dataset.keys === "on") document.addEventListener("keydown", onLetter);
}

const surfaces = () => [...document.querySelectorAll('[data-part="surface"]')];
const clamp = (value, most = 1) => Math.min(Math.max(value, 0), most);

function choose(name) {
  tool = name;
  moving = null;
  stopCorner();
  for (const button of tools.querySelectorAll("[data-tool]")) {
    button.setAttribute("aria-pressed", String(button.dataset.tool === name));
  }
  for (const surface of surfaces()) {
    if (name) surface.dataset.tool = name;
    else delete surface.dataset.tool;
  }
}

// ---- pointing

function listen(surface) {
  surface.addEventListener("pointerdown", (event) => press(surface, event));
  surface.addEventListener("pointermove", (event) => corner?.surface === surface && corner.isHeld && stretch(at(surface, event)));
  surface.addEventListener("pointerup", (event) => lift(surface, event));
  surface.addEventListener("pointercancel", stopCorner);
  surface.addEventListener("keydown", (event) => onCursorKey(surface, event));
  surface.addEventListener("focus", () => surface.matches(":focus-visible") && showCursor(surface));
  surface.addEventListener("blur", hideCursor);
}

function at(surface, event) {
  const area = surface.getBoundingClientRect();
  return { surface, x: clamp((event.clientX - area.left) / area.width), y: clamp((event.clientY - area.top) / area.height) };
}

function press(surface, event) {
  if ((!tool && !moving) || event.button || composer.contains(event.target)) return;
  event.preventDefault();
  surface.setPointerCapture(event.pointerId);
  corner = { ...at(surface, event), isHeld: true };
}

function lift(surface, event) {
  if (!corner?.isHeld || corner.surface !== surface) return;
  const from = corner;
  stopCorner();
  finish(from, at(surface, event));
}

// One place for what a point is, two corners for what has an area; a click without a drag makes an area of usual size.
function finish(from, to) {
  if (moving) return void moveTo(to);
  if (tool === "comment") return openComposer(to);
  if (!AREAS.includes(tool)) return isSecondClick(to) ? undefined : void place({ kind: tool, ...placed(to) });
  const isClick = Math.abs(from.x - to.x) < 0.01 && Math.abs(from.y - to.y) < 0.01;
  const end = isClick ? { ...to, x: clamp(to.x + 0.2), y: clamp(to.y + 0.03) } : to;
  const x = Math.min(from.x, end.x, 0.99);
  const y = Math.min(from.y, end.y, 0.99);
  const width = clamp(Math.max(Math.abs(from.x - end.x), 0.01), 1 - x);
  const height = clamp(Math.max(Math.abs(from.y - end.y), 0.005), 1 - y);
  place({ kind: tool, ...placed({ ...to, x, y }), width: fixed(width), height: fixed(height) });
}

// A double click means one tick.
function isSecondClick({ surface, x, y }) {
  const before = latest;
  latest = { surface, x, y, at: Date.now() };
  return before.surface === surface && latest.at - before.at < 500 && Math.hypot(x - before.x, y - before.y) < 0.01;
}

const fixed = (value) => (Math.floor(value * 1e5) / 1e5).toFixed(5);
const placed = ({ surface, x, y }) => ({ file: surface.dataset.file, page: surface.dataset.page, x: fixed(x), y: fixed(y) });

function stretch(to) {
  const rubber = part(corner.surface, "rubber");
  rubber.hidden = !AREAS.includes(tool);
  const [left, top] = [Math.min(corner.x, to.x), Math.min(corner.y, to.y)];
  const sides = { left, top, width: Math.abs(corner.x - to.x), height: Math.abs(corner.y - to.y) };
  for (const [side, value] of Object.entries(sides)) rubber.style[side] = `${value * 100}%`;
}

function stopCorner() {
  if (corner) part(corner.surface, "rubber").hidden = true;
  corner = null;
}

// ---- keys

function onLetter(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches?.(TYPED)) return;
  if (event.key === "z") return void undo();
  if (event.key === "p") {
    event.preventDefault();
    return nearest()?.focus();
  }
  if (!KEYS[event.key]) return;
  event.preventDefault();
  choose(KEYS[event.key]);
  if (!event.target.closest?.('[data-part="surface"]')) nearest()?.focus();
  showCursor(document.activeElement);
}

// The page that is in sight, or the one that was marked last.
function nearest() {
  const seen = surfaces().filter((one) => one.getBoundingClientRect().bottom > 120);
  return seen[0] ?? surfaces()[0];
}

function onCursorKey(surface, event) {
  if (event.target !== surface || event.ctrlKey || event.metaKey || event.altKey) return;
  const step = event.shiftKey ? FINE : STEP;
  const by = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] }[event.key];
  if (by) moveCursor(surface, by);
  else if (event.key === "Enter" && cursor) placeAtCursor();
  else if (event.key === "Escape") choose("");
  else return;
  event.preventDefault();
  event.stopPropagation();
}

function moveCursor(surface, [right, down]) {
  showCursor(surface);
  cursor.x = clamp(cursor.x + right);
  cursor.y = clamp(cursor.y + down);
  showCursor(surface);
  if (corner) stretch(cursor);
  const percent = { "{x}": Math.round(cursor.x * 100), "{y}": Math.round(cursor.y * 100) };
  part(tools, "said").textContent = tools.dataset.wordsAt.replace(/{[xy]}/g, (name) => percent[name]);
}

function placeAtCursor() {
  if (!tool && !moving) return tools.querySelector("[data-tool]").focus();
  if (AREAS.includes(tool) && !moving && !corner) {
    corner = { ...cursor };
    return void say("Corner");
  }
  const from = corner ?? cursor;
  stopCorner();
  finish(from, cursor);
}

function showCursor(surface) {
  if (!surface?.matches?.('[data-part="surface"]')) return;
  if (cursor?.surface !== surface) cursor = { surface, x: 0.5, y: visibleMiddle(surface) };
  const spot = part(surface, "cursor");
  spot.hidden = false;
  spot.style.left = `${cursor.x * 100}%`;
  spot.style.top = `${cursor.y * 100}%`;
  spot.scrollIntoView({ block: "nearest" });
}

function visibleMiddle(surface) {
  const { top, bottom, height } = surface.getBoundingClientRect();
  return clamp(((Math.max(top, 0) + Math.min(bottom, window.innerHeight)) / 2 - top) / height);
}

function hideCursor(event) {
  part(event.target, "cursor").hidden = true;
}

// ---- the words of a comment

function openComposer(to) {
  const { surface, x, y } = to;
  for (const [name, value] of Object.entries({ kind: "comment", ...placed(to) })) composer.elements[name].value = value;
  composer.elements.client_key.value = newKey();
  const chosen = part(tools, "criterion-of-marks");
  if (chosen) composer.elements.criterion.value = chosen.value;
  surface.append(composer);
  composer.hidden = false;
  composer.style.top = `${y * 100}%`;
  composer.style.left = `${clamp(x * surface.clientWidth, surface.clientWidth - composer.offsetWidth)}px`;
  composer.elements.text.focus();
}

function closeComposer(isLeft) {
  const surface = composer.closest('[data-part="surface"]');
  composer.hidden = true;
  composer.elements.text.value = composer.elements.points.value = "";
  if (isLeft) surface?.focus();
}

// Enter sends, as Ctrl with Enter does: the desk behind it must not approve meanwhile.
function onComposerKey(event) {
  event.stopPropagation();
  if (event.key === "Escape") closeComposer(true);
  if (event.key !== "Enter" || event.shiftKey || !event.target.matches("textarea, input")) return;
  event.preventDefault();
  composer.requestSubmit();
}

// ---- what is sent

function place(fields) {
  const chosen = part(tools, "criterion-of-marks");
  return add({ text: "", points: "", criterion: chosen?.value ?? "", width: "", height: "", ...fields });
}

async function moveTo(to) {
  const form = moving;
  choose("");
  const width = Number(form.elements.width?.value ?? 0);
  const height = Number(form.elements.height?.value ?? 0);
  const place = { ...to, x: clamp(to.x, 1 - width), y: clamp(to.y, 1 - height) };
  if (form.elements.page.value !== to.surface.dataset.page || form.elements.file.value !== to.surface.dataset.file) return;
  await change(form, { ...fieldsOf(form), ...placed(place) });
}

async function onSubmit(event) {
  const form = event.target;
  if (form !== composer && form.dataset.part !== "mark-form") return;
  event.preventDefault();
  // Pressed twice, it is sent once.
  if (sending.has(form)) return;
  sending.add(form);
  await sendForm(form, event.submitter).finally(() => sending.delete(form));
}

async function sendForm(form, pressed) {
  const fields = fieldsOf(form);
  if (form === composer) return (await add(fields)) && closeComposer(true);
  if (!form.dataset.mark) return (await add(fields)) && renew(form);
  return pressed?.name === "delete" ? remove(form) : change(form, fields);
}

function renew(form) {
  form.elements.text.value = "";
  form.elements.client_key.value = newKey();
}

function onClick(event) {
  if (!event.target.matches('[data-part="move"]')) return;
  choose("");
  moving = event.target.form;
  for (const surface of surfaces()) surface.dataset.tool = "move";
  say("Move");
  surfaceOf(moving.elements.file.value, moving.elements.page.value).focus();
}

if (tools && composer) start();

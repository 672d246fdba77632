// The marking screen by keyboard, and ticks taken over without losing what is typed; without it links and buttons serve.
const desk = document.querySelector('[data-module="desk"]');
const form = document.getElementById("marking-form");
const shortcuts = document.getElementById("shortcuts");
let current = 0;
if (desk) {
  if (window.matchMedia("(max-width: 61.99rem)").matches) desk.querySelector('[data-part="side"]').open = false;
  document.addEventListener("keydown", onKey);
  form?.addEventListener("focusin", (event) => {
    const place = criteria().indexOf(event.target.closest('[data-part="criterion"]'));
    if (place >= 0) current = place;
  });
  for (const link of document.querySelectorAll('[data-part="take"]')) link.addEventListener("click", takeOver);
  desk.querySelector('[aria-current="true"]')?.scrollIntoView({ block: "nearest" });
}

function onKey(event) {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && form) {
    event.preventDefault();
    if (form.inert) return;
    form.requestSubmit(form.querySelector('[data-part="approve"]'));
    return;
  }
  if (desk.dataset.shortcuts !== "on" || event.ctrlKey || event.metaKey || event.altKey) return;
  if (isTyping(event.target)) return;
  const act = keys()[event.key] ?? (/^[1-9]$/.test(event.key) ? () => choose(Number(event.key)) : null);
  if (!act) return;
  event.preventDefault();
  act();
}

function keys() {
  return {
    j: () => go(1),
    k: () => go(-1),
    s: () => document.querySelector('a[rel="next"]')?.click(),
    f: () => document.getElementById("feedback")?.focus(),
    n: () => open(document.getElementById("notes"), "note"),
    c: () => open(document.querySelector('[data-part="bank"]'), "bank-filter"),
    e: () => move(0),
    w: () => document.getElementById("work").focus(),
    a: () => form?.querySelector('[data-part="approve"]').focus(),
    q: quote,
    "]": () => move(1),
    "[": () => move(-1),
    "?": () => open(shortcuts),
  };
}

// Letters belong to whoever types; radio buttons and checkboxes take none.
function isTyping(target) {
  if (target.isContentEditable || target.matches("textarea, select")) return true;
  return target.matches('input:not([type="radio"], [type="checkbox"], [type="submit"])');
}

function criteria() {
  return form ? [...form.querySelectorAll('[data-part="criterion"]')] : [];
}

function move(by) {
  const all = criteria();
  if (!all.length) return document.getElementById("points")?.focus();
  current = Math.min(Math.max(current + by, 0), all.length - 1);
  const field = all[current].querySelector("input:checked") ?? all[current].querySelector("input");
  field.focus();
}

function choose(number) {
  const level = criteria()[current]?.querySelectorAll('input[type="radio"]')[number - 1];
  if (!level) return;
  level.focus();
  level.checked = true;
  level.dispatchEvent(new Event("input", { bubbles: true }));
}

function go(by) {
  const links = [...desk.querySelectorAll('[data-part="side"] a')];
  const here = links.findIndex((link) => link.getAttribute("aria-current") === "true");
  links[here + by]?.click();
}

function open(details, field) {
  if (!details) return;
  details.open = true;
  const target = document.getElementById(field);
  (target && !target.hidden ? target : details.querySelector("summary")).focus();
}

// Only what stands in the work can be quoted; the server looks again.
function quote() {
  const chosen = window.getSelection();
  const words = chosen.toString().replace(/\s+/g, " ").trim();
  const field = criteria()[current]?.querySelector('textarea[name^="evidence-"]');
  if (!words || !field || !chosen.anchorNode?.parentElement.closest('[data-part="work-text"]')) return;
  field.closest("details").open = true;
  field.value = [field.value.trim(), words].filter(Boolean).join("\n");
  field.scrollIntoView({ block: "nearest" });
}

async function formAt(address) {
  const answer = await fetch(address);
  return new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("marking-form");
}

// The link leads to the same page with the form filled; take the fields from there and leave feedback that is written.
async function takeOver(event) {
  event.preventDefault();
  const address = event.currentTarget.href;
  if (!form) return window.location.assign(address);
  // Whoever approved meanwhile would approve what stood there before.
  form.inert = true;
  const other = await formAt(address).catch(() => null);
  form.inert = false;
  if (!other) return window.location.assign(address);
  for (const field of other.elements) {
    if (!/^(level|points|comment|evidence|feedback)(-|$)/.test(field.name)) continue;
    const own = document.getElementById(field.id);
    if (!own || (field.name === "feedback" && own.value.trim())) continue;
    own.checked = field.checked;
    if (field.type !== "radio") own.value = field.value;
    if (field.name.startsWith("evidence-") && field.value) own.closest("details").open = true;
  }
  form.dispatchEvent(new Event("input", { bubbles: true }));
  form.querySelector("input:checked, input:not([type=hidden])")?.focus();
}

// Buttons of the rubric's editor change it in place, and the points are added up while they are typed. The server does
// the work of every button, as it does without this script; only the place in the page is kept.
import { isChanged } from "./unsaved.js";

const form = document.querySelector('form[data-module="rubric-editor"]');
if (form) enhance(form);

function enhance(form) {
  form.addEventListener("submit", (event) => {
    if (!event.submitter || event.submitter.value === "save") return;
    event.preventDefault();
    press(form, event.submitter);
  });
  const showKind = () => press(form, form.querySelector('[data-part="show-kind"]'));
  form.addEventListener("change", (event) => event.target.name === "kind" && showKind());
  form.addEventListener("input", () => addUp(form));
  // What was chosen or typed before this script came.
  if (form.querySelector('[name="kind"]:checked')?.defaultChecked === false) showKind();
  else if ([...form.elements].some((one) => one.matches("input") && isChanged(one))) addUp(form);
}

async function press(form, button) {
  const fields = new URLSearchParams(new FormData(form));
  fields.set("do", button.value);
  const { id } = document.activeElement;
  // What would be typed or pressed meanwhile would be lost.
  form.inert = true;
  const page = await pageFrom(form.action, fields).catch(() => null);
  form.inert = false;
  const body = page?.querySelector('form[data-module="rubric-editor"] [data-part="body"]');
  const refused = form.querySelector('[data-part="refused"]');
  refused.hidden = Boolean(body);
  refused.textContent = body ? "" : (page?.querySelector('[role="alert"]')?.textContent ?? refused.dataset.failed);
  if (!body) return button.focus();
  form.querySelector('[data-part="body"]').replaceWith(document.adoptNode(body));
  const pressed = document.getElementById(id) ?? [...form.elements].find((one) => one.value === button.value);
  (form.querySelector("[autofocus]") ?? pressed)?.focus();
  return undefined;
}

async function pageFrom(address, fields) {
  const response = await fetch(address, { method: "POST", body: fields });
  return new DOMParser().parseFromString(await response.text(), "text/html");
}

function addUp(form) {
  const total = form.querySelector('[data-part="total"]');
  const sum = [...form.querySelectorAll('[data-part="criterion"]')].map(most).reduce((one, other) => one + other, 0);
  total.textContent = String(Math.round(sum * 1000) / 1000);
  form.querySelector('[data-part="scaled"]').hidden = sum === Number(total.dataset.activity);
}

function most(criterion) {
  const fields = criterion.querySelectorAll('[data-part="points"], [data-part="level-points"]');
  return Math.max(0, ...[...fields].map((field) => Number(field.value.trim().replace(",", ".")) || 0));
}

// Buttons of the rubric's editor change it in place, and the points are added up while they are typed. The server does
// the work of every button, as it does without this script; only the place in the page is kept.
const form = document.querySelector('form[data-module="rubric-editor"]');
if (form) enhance(form);

function enhance(form) {
  form.addEventListener("submit", (event) => {
    if (!event.submitter || event.submitter.value === "save") return;
    event.preventDefault();
    press(form, event.submitter);
  });
  form.addEventListener("change", (event) => {
    if (event.target.name === "kind") press(form, form.querySelector('[data-part="show-kind"]'));
  });
  form.addEventListener("input", () => addUp(form));
}

async function press(form, button) {
  const fields = new URLSearchParams(new FormData(form));
  fields.set("do", button.value);
  const response = await fetch(form.action, { method: "POST", body: fields }).catch(() => null);
  if (!response || !response.ok) {
    form.requestSubmit(button);
    return;
  }
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const body = page.querySelector('form[data-module="rubric-editor"] [data-part="body"]');
  form.querySelector('[data-part="body"]').replaceWith(document.adoptNode(body));
  const next = form.querySelector("[autofocus]") || [...form.elements].find((one) => one.value === button.value);
  if (next) next.focus();
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

// Keeps a student's text while it is written: a while after the last key, and when the page is left.
const field = document.querySelector('textarea[data-module="autosave"]');
if (field) enhance(field);

function enhance(field) {
  const note = document.querySelector('[data-part="draft-state"]');
  let waiting = 0;
  // What comes back with a refused hand-in was kept by nobody.
  let kept = "unkept" in field.dataset ? "" : field.defaultValue;
  const saveSoon = () => {
    clearTimeout(waiting);
    waiting = setTimeout(save, 1500);
  };
  field.addEventListener("input", saveSoon);
  // Also what was typed before this script came.
  if (field.value !== kept) saveSoon();
  addEventListener("pagehide", () => {
    if (field.value !== kept && !field.form.dataset.sent) navigator.sendBeacon(field.dataset.address, fields(field));
  });
  field.form.addEventListener("submit", () => {
    clearTimeout(waiting);
    field.form.dataset.sent = "yes";
  });

  async function save() {
    const text = field.value;
    const headers = { Accept: "application/json" };
    const sent = { method: "POST", body: fields(field), headers };
    const response = await fetch(field.dataset.address, sent).catch(() => null);
    if (response?.ok) kept = text;
    note.textContent = response?.ok ? `${note.dataset.saved} ${new Date().toLocaleTimeString()}` : note.dataset.failed;
    if (!response?.ok) waiting = setTimeout(save, 15000);
  }
}

function fields(field) {
  const body = new URLSearchParams();
  body.set("text", field.value);
  for (const hidden of field.form.querySelectorAll('input[type="hidden"]')) body.set(hidden.name, hidden.value);
  return body;
}

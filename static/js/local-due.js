// A due date is typed in the teacher's own time: send the moment in UTC beside it, and say so.
for (const input of document.querySelectorAll('input[data-module="local-due"]')) {
  const utc = input.form.elements[`${input.name}-utc`];
  const note = document.getElementById(`${input.id}-zone`);
  const remember = () => {
    utc.value = input.value ? new Date(input.value).toISOString() : "";
  };
  const known = utc.value || input.dataset.utc;
  if (known) {
    const local = new Date(new Date(known).getTime() - new Date(known).getTimezoneOffset() * 60000);
    input.value = local.toISOString().slice(0, 16);
  }
  note.textContent = Intl.DateTimeFormat().resolvedOptions().timeZone;
  input.addEventListener("change", remember);
  remember();
}

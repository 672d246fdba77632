// A due date is typed in the teacher's own time: send the moment in UTC beside it, and say so.
for (const input of document.querySelectorAll('input[data-module="local-due"]')) {
  const utc = input.form.elements[`${input.name}-utc`];
  const note = document.getElementById(`${input.id}-zone`);
  const remember = () => {
    utc.value = input.value ? new Date(input.value).toISOString() : "";
  };
  const known = utc.value || input.dataset.utc;
  // What was typed before this script came stays as it is.
  if (known && input.value === input.defaultValue) {
    const local = new Date(new Date(known).getTime() - new Date(known).getTimezoneOffset() * 60000);
    input.value = local.toISOString().slice(0, 16);
  }
  note.textContent = Intl.DateTimeFormat().resolvedOptions().timeZone;
  input.addEventListener("change", remember);
  remember();
}

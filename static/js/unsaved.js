// What somebody has typed, ticked or chosen since the page came, and keeping it where a part of the page is replaced.
export function isChanged(field) {
  if (field.matches("select")) return [...field.options].some((one) => one.selected !== one.defaultSelected);
  return field.checked !== field.defaultChecked || (field.type !== "hidden" && field.value !== field.defaultValue);
}

// Call it before; call what it returns once the new part stands there.
export function keepUnsaved(part) {
  const fields = [...part.querySelectorAll("input, textarea, select")].filter((one) => one.id && isChanged(one));
  return () => fields.forEach(putBack);
}

function putBack(field) {
  const fresh = document.getElementById(field.id);
  if (!fresh) return;
  if (!["checkbox", "radio"].includes(field.type)) fresh.value = field.value;
  // A box that stands for something else by now was ticked by nobody.
  else if (fresh.value === field.value) fresh.checked = field.checked;
}

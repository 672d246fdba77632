// Single keys press the buttons and links that show them; they can be switched off, and never act while one types.
const switcher = document.querySelector('[data-module="resolve-keys"] input');
const KEPT = "lectern-resolve-keys";
const kept = () => {
  try {
    return localStorage.getItem(KEPT);
  } catch {
    return null; // A frame may have no storage: the keys are then on at each visit.
  }
};
const keep = () => {
  try {
    localStorage.setItem(KEPT, switcher.checked ? "on" : "off");
  } catch {
    // Nothing to do: the switch holds for this page.
  }
};
if (switcher) {
  // Switched off before this script came, it stays off.
  if (switcher.checked) switcher.checked = kept() !== "off";
  else keep();
  switcher.addEventListener("change", keep);
  document.addEventListener("keydown", press);
}

function press(event) {
  if (!switcher.checked || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
  const at = event.target;
  if (at.closest("input, select, textarea, [contenteditable]")) return;
  if (event.key === "Enter" && at.closest("a, button, summary")) return;
  const target =
    event.key === "Enter"
      ? document.querySelector("[data-default]")
      : document.querySelector(`[data-key="${CSS.escape(event.key)}"], [data-key-toggle="${CSS.escape(event.key)}"]`);
  if (!target) return;
  event.preventDefault();
  if (target.matches("[data-key-toggle]")) target.open = !target.open;
  else target.click();
}

// Inserts a comment where the cursor was; without this script the button sends the form, which comes back with it.
for (const part of document.querySelectorAll('[data-module="comment-bank"]')) {
  const feedback = part.querySelector("textarea");
  const filter = part.querySelector('[data-part="filter"]');
  const buttons = [...part.querySelectorAll('[data-part="insert"]')];
  let target = feedback;
  // A field that nobody has been in yet has its cursor before what stands there.
  if (document.activeElement !== feedback) feedback.setSelectionRange(feedback.value.length, feedback.value.length);
  part.closest("form")?.addEventListener("focusin", (event) => {
    if (event.target.matches('textarea[name="feedback"], input[name^="comment-"]')) target = event.target;
  });
  for (const button of buttons) {
    button.addEventListener("click", (event) => {
      event.preventDefault();
      insert(target, button.textContent);
    });
  }
  if (!filter) continue;
  filter.hidden = false;
  part.querySelector('[data-part="filter-label"]').hidden = false;
  filter.addEventListener("input", () => {
    const words = filter.value.toLowerCase();
    for (const button of buttons) button.parentElement.hidden = !button.textContent.toLowerCase().includes(words);
  });
  filter.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    buttons.find((button) => !button.parentElement.hidden)?.click();
  });
}

function insert(field, text) {
  const [start, end] = [field.selectionStart, field.selectionEnd];
  const gap = field.tagName === "TEXTAREA" && start > 0 && !/\s$/.test(field.value.slice(0, start)) ? "\n" : "";
  const behind = field.tagName === "TEXTAREA" && /^\S/.test(field.value.slice(end)) ? "\n" : "";
  const words = field.tagName === "TEXTAREA" ? text : text.replace(/\s+/g, " ");
  field.setRangeText(gap + words + behind, start, end, "end");
  field.focus();
}

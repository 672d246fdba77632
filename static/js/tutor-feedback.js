// Thumbs under an answer without leaving the page; the comment field opens with a thumb down.
export function listenToFeedback(root) {
  root.addEventListener("submit", (event) => {
    const rating = event.target.closest('[data-part="rating"]');
    if (!rating) return;
    event.preventDefault();
    rate(rating, event.target, event.submitter);
  });
}

async function rate(rating, form, pressed) {
  const body = new URLSearchParams(new FormData(form, pressed));
  const sent = { method: "POST", body, headers: { Accept: "application/json" } };
  const response = await fetch(form.action, sent).catch(() => null);
  if (!response?.ok) return sendPlainly(form, pressed);
  const { value } = await response.json();
  for (const button of rating.querySelectorAll("[data-thumb]")) {
    const isGiven = Number(button.dataset.thumb) === value;
    button.setAttribute("aria-pressed", isGiven);
    button.value = isGiven ? 0 : button.dataset.thumb;
  }
  const comment = rating.querySelector('[data-part="comment"]');
  comment.hidden = value !== -1;
  rating.querySelector('[data-part="thanks"]').hidden = form !== comment;
  if (value === -1 && form !== comment) comment.elements.comment.focus();
  return undefined;
}

// The page that comes says what is wrong. Sent by a script, a form leaves out which of its buttons was pressed.
function sendPlainly(form, pressed) {
  const chosen = Object.assign(document.createElement("input"), { type: "hidden", name: pressed.name, value: pressed.value });
  if (pressed.name) form.append(chosen);
  form.submit();
}

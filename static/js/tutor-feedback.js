// Thumbs under an answer without leaving the page; the comment field opens with a thumb down.
export function listenToFeedback(root) {
  root.addEventListener("submit", (event) => {
    if (event.target.dataset.part !== "feedback") return;
    event.preventDefault();
    rate(event.target, event.submitter);
  });
}

async function rate(form, pressed) {
  const body = new URLSearchParams(new FormData(form, pressed));
  const response = await fetch(form.action, { method: "POST", body, headers: { Accept: "application/json" } });
  if (!response.ok) return form.submit();
  const { value } = await response.json();
  for (const button of form.querySelectorAll("[data-thumb]")) {
    const isGiven = Number(button.dataset.thumb) === value;
    button.setAttribute("aria-pressed", isGiven);
    button.value = isGiven ? 0 : button.dataset.thumb;
  }
  const comment = form.querySelector('[data-part="comment"]');
  comment.hidden = value !== -1;
  const isSent = pressed && !pressed.dataset.thumb;
  form.querySelector('[data-part="thanks"]').hidden = !isSent;
  if (value === -1 && !isSent) form.elements.comment.focus();
  return undefined;
}

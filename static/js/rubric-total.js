// Adds the ticks up while they are made; the server adds them up again.
import { isChanged } from "./unsaved.js";

for (const form of document.querySelectorAll('[data-module="rubric-total"]')) {
  const total = form.querySelector('[data-part="total"]');
  const criteria = [...form.querySelectorAll('[data-part="criterion"]')];
  const pointsOf = (criterion) => {
    const byHand = criterion.querySelector('input[type="text"][name^="points-"]').value.trim().replace(",", ".");
    const level = criterion.querySelector("input:checked");
    return byHand ? Number(byHand) : level ? Number(level.dataset.points) : NaN;
  };
  const shares = criteria.reduce((sum, one) => sum + Number(one.dataset.share), 0);
  const earned = (criterion) => (pointsOf(criterion) / Number(criterion.dataset.most)) * Number(criterion.dataset.share);
  const addUp = () => {
    const sum = (criteria.map(earned).reduce((one, other) => one + other, 0) * Number(form.dataset.maximum)) / shares;
    total.textContent = Number.isNaN(sum) ? "–" : String(Math.round(sum * 1000) / 1000);
  };
  form.addEventListener("input", addUp);
  // What was ticked or typed before this script came.
  if ([...form.querySelectorAll("input")].some(isChanged)) addUp();
}

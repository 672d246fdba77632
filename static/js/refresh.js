// Fetches a part of the page again while it holds something unfinished; without this script there is a link to reload.
import { showLocalTimes } from "./local-time.js";
import { keepUnsaved } from "./unsaved.js";

const PAUSE = 2000;
for (const part of document.querySelectorAll('[data-module="refresh"]')) keepFresh(part);

function keepFresh(part) {
  let timer;
  const later = () => {
    clearTimeout(timer);
    part.querySelector('[data-part="reload"]')?.remove();
    if (part.querySelector("[data-unfinished]")) timer = setTimeout(refresh, PAUSE);
  };
  const refresh = async () => {
    try {
      const answer = await fetch(part.dataset.url);
      if (answer.ok) replace(part, await answer.text());
    } catch {
      // The line is away for a moment.
    }
    later();
  };
  document.addEventListener("sources-changed", refresh);
  later();
}

// Whoever stands on a button in the table keeps standing there, and ticks stay; an opened question ("Delete?") is not
// closed.
function replace(part, html) {
  if (part.querySelector("details[open]")) return;
  const focused = part.contains(document.activeElement) ? document.activeElement.id : "";
  const putBack = keepUnsaved(part);
  part.innerHTML = html;
  putBack();
  showLocalTimes(part);
  if (focused) document.getElementById(focused)?.focus();
}

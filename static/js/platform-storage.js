// Keeps a value with the platform and asks for it back (LTI Client Side postMessages 1.0, lti.put_data / lti.get_data).
// Only the platform's own origin is asked and believed: a page that merely frames us gets and gives nothing.
import { newKey } from "./key.js";

const PATIENCE = 3000;

function platformWindow(frame) {
  const platform = window.opener ?? window.parent;
  if (!frame || frame === "_parent") return platform;
  return platform.frames[frame] ?? platform;
}

function ask(element, message, patience = 0) {
  const { origin, frame, key } = element.dataset;
  const id = newKey();
  return new Promise((resolve) => {
    const finish = (answer) => {
      window.removeEventListener("message", listen);
      resolve(answer);
    };
    const listen = (event) => {
      if (event.origin === origin && event.data?.message_id === id) finish(event.data);
    };
    window.addEventListener("message", listen);
    if (patience) setTimeout(finish, patience, null);
    platformWindow(frame).postMessage({ message_id: id, key, ...message }, origin);
  });
}

for (const link of document.querySelectorAll('[data-module="platform-storage-put"]')) {
  await ask(link, { subject: "lti.put_data", value: link.dataset.value }, PATIENCE);
  window.location.assign(link.href);
}

for (const form of document.querySelectorAll('[data-module="platform-storage-get"]')) {
  // The page offers another way meanwhile, so a late answer still counts.
  const answer = await ask(form, { subject: "lti.get_data" });
  if (typeof answer?.value === "string" && answer.value) {
    form.elements.browser_proof.value = answer.value;
    form.submit();
  }
}

// Counts the seconds in which this page is in front and somebody works at it, and tells the server; nothing else is told.
const IDLE = 60_000;
const EVERY = 30_000;
const form = document.querySelector('[data-module="marking-time"]');
if (form) {
  let last = Date.now();
  let seconds = 0;
  const touched = () => (last = Date.now());
  for (const kind of ["keydown", "pointermove", "pointerdown", "scroll", "wheel", "touchstart"]) {
    document.addEventListener(kind, touched, { passive: true, capture: true });
  }
  const send = () => {
    if (!seconds) return;
    form.elements.seconds.value = String(seconds);
    seconds = 0;
    navigator.sendBeacon(form.action, new FormData(form));
  };
  setInterval(() => {
    if (document.visibilityState === "visible" && Date.now() - last < IDLE) seconds += 1;
  }, 1000);
  setInterval(send, EVERY);
  document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && send());
  window.addEventListener("pagehide", send);
}

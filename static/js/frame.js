// A narrow window shows the tab of this page, not the first ones.
document.querySelector(".lectern-tabs [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });

// A double click sends a form once: the second time it would be refused as out of date, though the first had done it.
const TWICE = 1000;
const sent = new WeakMap();
document.addEventListener("submit", (event) => {
  if (event.defaultPrevented) return;
  if (event.timeStamp - sent.get(event.target) < TWICE) event.preventDefault();
  else sent.set(event.target, event.timeStamp);
});

// Tells a framing platform how tall the page is (harmless where the platform does not listen, as in Moodle 4.5).
if (window.parent !== window) {
  const report = () =>
    window.parent.postMessage({ subject: "lti.frameResize", height: document.documentElement.scrollHeight }, "*");
  new ResizeObserver(report).observe(document.documentElement);
}

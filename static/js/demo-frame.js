// A tool in the course site's frame: on a phone it replaces the page, as in Moodle; when it says it is done, we move on.
const NARROW = "(max-width: 767px)";

for (const frame of document.querySelectorAll('iframe[data-module="demo-frame"]')) {
  if (frame.dataset.windowUrl && window.matchMedia(NARROW).matches) {
    window.location.replace(frame.dataset.windowUrl);
  }
  window.addEventListener("message", (event) => {
    const fromTool = event.source === frame.contentWindow;
    if (fromTool && event.data && event.data.subject === "org.imsglobal.lti.close") {
      window.location.assign(frame.dataset.doneUrl);
    }
  });
}

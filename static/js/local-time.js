// Moments are written in UTC; show them in the reader's own time.
const format = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" });
for (const time of document.querySelectorAll('time[data-module="local-time"]')) {
  time.textContent = format.format(new Date(time.dateTime));
}

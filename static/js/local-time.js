// Moments are written for those without scripts; show them in the reader's own time, with its zone where that matters.
const format = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" });
const zone = format.resolvedOptions().timeZone.replaceAll("_", " ");

export function showLocalTimes(part) {
  for (const time of part.querySelectorAll('time[data-module="local-time"]')) {
    const moment = format.format(new Date(time.dateTime));
    time.textContent = time.dataset.zone ? `${moment} (${zone})` : moment;
  }
}

showLocalTimes(document);

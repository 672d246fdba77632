// Where no time zone was chosen yet, choose the reader's own and say the kept moment in it. What somebody has chosen or
// typed before this script came is left as it is.
import { isChanged } from "./unsaved.js";

const two = (number) => String(number).padStart(2, "0");
for (const choice of document.querySelectorAll('select[data-module="own-zone"]')) {
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const input = document.getElementById(choice.dataset.of);
  const isTouched = choice.selectedIndex > 0 || isChanged(input);
  if (!isTouched && [...choice.options].some((option) => option.value === own)) {
    choice.value = own;
    const kept = new Date(input.dataset.moment);
    if (input.dataset.moment && !Number.isNaN(kept.getTime())) {
      const day = [kept.getFullYear(), two(kept.getMonth() + 1), two(kept.getDate())].join("-");
      input.value = `${day}T${two(kept.getHours())}:${two(kept.getMinutes())}`;
    }
  }
}

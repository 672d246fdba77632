// Where no time zone was chosen yet, choose the reader's own and say the kept moment in it.
const two = (number) => String(number).padStart(2, "0");
for (const choice of document.querySelectorAll('select[data-module="own-zone"]')) {
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if ([...choice.options].some((option) => option.value === own)) {
    choice.value = own;
    const input = document.getElementById(choice.dataset.of);
    const kept = new Date(input.dataset.moment);
    if (input.dataset.moment && !Number.isNaN(kept.getTime())) {
      const day = [kept.getFullYear(), two(kept.getMonth() + 1), two(kept.getDate())].join("-");
      input.value = `${day}T${two(kept.getHours())}:${two(kept.getMinutes())}`;
    }
  }
}

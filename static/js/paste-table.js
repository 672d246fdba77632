// A table copied from a document or a web page is pasted as a table: as plain text its cells would run together.
for (const field of document.querySelectorAll('textarea[data-module="paste-table"]')) {
  field.addEventListener("paste", (event) => {
    const html = event.clipboardData?.getData("text/html") ?? "";
    const table = new DOMParser().parseFromString(html, "text/html").querySelector("table");
    if (!table) return;
    event.preventDefault();
    const lines = [...table.rows].map((row) => [...row.cells].map(quoted).join("\t"));
    field.setRangeText(lines.join("\n"), field.selectionStart, field.selectionEnd, "end");
  });
}

function quoted(cell) {
  return `"${cell.textContent.replace(/\s+/g, " ").trim().replaceAll('"', '""')}"`;
}

// Draws the numbers of a table as a chart; without this script, or for who cannot see it, the table says the same.
// <figure data-module="chart" data-table="id" data-kind="bar" data-columns="1 2"> takes columns by their number;
// rows whose first cell is the newest are turned round, so that time runs from left to right.
const COLOURS = ["--bs-primary", "--lectern-chart-2", "--lectern-chart-3", "--lectern-chart-4", "--lectern-chart-5"];
const style = getComputedStyle(document.documentElement);
const colour = (number) => style.getPropertyValue(COLOURS[number % COLOURS.length]).trim() || "#555";

function draw(figure) {
  const table = document.getElementById(figure.dataset.table);
  const rows = [...table.tBodies[0].rows].filter((row) => row.querySelector("[data-value]"));
  if (!rows.length) return;
  if ("newestFirst" in figure.dataset) rows.reverse();
  const canvas = figure.querySelector("canvas");
  figure.hidden = false;
  new Chart(canvas, figure.dataset.kind === "pie" ? pie(table, rows, figure) : bars(table, rows, figure));
}

const labels = (rows) => rows.map((row) => row.cells[0].textContent.trim());
const values = (rows, column) => rows.map((row) => Number(row.cells[column].dataset.value));
const columns = (figure) => figure.dataset.columns.split(" ").map(Number);
const still = matchMedia("(prefers-reduced-motion: reduce)").matches ? { animation: false } : {};

function bars(table, rows, figure) {
  const chosen = columns(figure);
  const datasets = chosen.map((column, number) => ({
    label: table.tHead.rows[0].cells[column].textContent.trim(),
    data: values(rows, column),
    backgroundColor: colour(number),
  }));
  const isStacked = chosen.length > 1;
  const scales = {
    x: { stacked: isStacked, grid: { display: false }, reverse: document.dir === "rtl" },
    y: { stacked: isStacked, beginAtZero: true, ticks: { precision: 0 }, position: document.dir === "rtl" ? "right" : "left" },
  };
  const plugins = { legend: { display: isStacked } };
  return { type: "bar", data: { labels: labels(rows), datasets }, options: { ...still, maintainAspectRatio: false, scales, plugins } };
}

function pie(table, rows, figure) {
  const [column] = columns(figure);
  const data = { labels: labels(rows), datasets: [{ data: values(rows, column), backgroundColor: rows.map((_, number) => colour(number)) }] };
  return { type: "pie", data, options: { ...still, maintainAspectRatio: false, plugins: { legend: { position: "bottom" } } } };
}

for (const figure of document.querySelectorAll('[data-module="chart"]')) draw(figure);

"use strict";
(() => {
  document.querySelectorAll("[data-print]").forEach((button) => button.addEventListener("click", () => print()));

  const form = document.querySelector("form[data-meeting]");
  if (!form) { return; }
  const rows = [...form.querySelectorAll("[data-table-row]")];
  const add = form.querySelector("[data-add-unit]");
  const sum = form.querySelector("[data-cost-sum]");
  const filled = (row) => [...row.querySelectorAll("input, select.ajax-select")].some((field) => field.value);
  const rest = () => { add.hidden = !rows.some((row) => row.hidden); };
  const total = () => {
    const costs = [...form.querySelectorAll("[data-cost]")].map((field) => Number(field.value) || 0);
    sum.value = costs.reduce((one, other) => one + other, 0).toLocaleString("en", { minimumFractionDigits: 2, maximumFractionDigits: 2 });
  };
  rows.filter(filled).forEach((row) => { row.hidden = false; });
  add.addEventListener("click", () => {
    const next = rows.find((row) => row.hidden);
    if (next) { next.hidden = false; next.querySelector("select").focus(); }
    rest();
  });
  form.addEventListener("input", total);
  rest();
  total();
})();

"use strict";
(() => {
  // A column of the file fills one of ours: chosen anew, it leaves the place where it stood. Samples follow the choice.
  document.querySelectorAll("[data-match]").forEach((table) => {
    const selects = [...table.querySelectorAll("select")];
    const show = (select) => {
      table.querySelector(`[data-samples-of="${select.id}"]`).textContent = select.selectedOptions[0].dataset.samples || "";
      const tag = select.parentElement.querySelector("[data-how]");
      tag.textContent = tag.dataset.how;
      tag.hidden = select.value === "0";
    };
    const chosen = (select) => {
      selects.filter((other) => other !== select && other.value === select.value && select.value !== "0").forEach((other) => {
        other.value = "0";
        show(other);
      });
      show(select);
    };
    selects.forEach((select) => select.addEventListener("change", () => chosen(select)));
    table.querySelectorAll("[data-take]").forEach((button) => button.addEventListener("click", () => {
      const select = document.getElementById(button.dataset.for);
      select.value = button.dataset.take;
      chosen(select);
      button.hidden = true;
      select.focus();
    }));
  });

  document.querySelectorAll(".match-cells tr").forEach((row) => row.addEventListener("click", (event) => {
    if (!event.target.closest("button")) { row.querySelector("button").click(); }
  }));
})();

"use strict";
(() => {
  // Long work shows that it is going, and nothing can be pressed twice. What was pressed is sent before it is disabled.
  document.querySelectorAll("[data-working]").forEach((place) => place.addEventListener("submit", () => {
    place.querySelector("[data-busy]").hidden = false;
    setTimeout(() => document.querySelectorAll("main button").forEach((button) => { button.disabled = true; }));
  }));
  window.addEventListener("pageshow", (event) => { if (event.persisted) { location.reload(); } });

  document.querySelectorAll("input[type=file][data-most]").forEach((file) => {
    const check = () => {
      const chosen = file.files[0];
      file.setCustomValidity(!chosen ? file.dataset.none : chosen.size > Number(file.dataset.most) ? file.dataset.tooLarge : "");
      return file.reportValidity();
    };
    file.addEventListener("change", () => { if (check() && "send" in file.dataset && file.files.length) { file.form.requestSubmit(); } });
    file.form.addEventListener("submit", (event) => { if (!check()) { event.preventDefault(); event.stopImmediatePropagation(); } }, true);
  });
})();

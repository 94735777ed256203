"use strict";
(() => {
  // Long work shows that it is going: the words stand there and nothing can be pressed twice.
  document.querySelectorAll("[data-busy]").forEach((place) => {
    const note = place.querySelector("[data-busy-note]");
    place.addEventListener("submit", () => setTimeout(() => {
      place.querySelectorAll("button").forEach((button) => { button.disabled = true; });
      note.textContent = place.dataset.busy;
      place.classList.add("busy");
    }));
  });
  window.addEventListener("pageshow", (event) => { if (event.persisted) { location.reload(); } });

  const file = document.querySelector(".drop input[type=file]");
  if (!file) { return; }
  const drop = file.closest(".drop");
  const check = () => {
    const chosen = file.files[0];
    file.setCustomValidity(chosen && chosen.size > Number(file.dataset.most) ? file.dataset.tooLarge : "");
    file.reportValidity();
  };
  file.addEventListener("change", check);
  file.form.addEventListener("submit", (event) => {
    if (!file.checkValidity()) { event.preventDefault(); event.stopImmediatePropagation(); file.reportValidity(); }
  }, true);
  ["dragenter", "dragover"].forEach((name) => drop.addEventListener(name, (event) => { event.preventDefault(); drop.classList.add("over"); }));
  ["dragleave", "drop"].forEach((name) => drop.addEventListener(name, () => drop.classList.remove("over")));
  drop.addEventListener("drop", (event) => { event.preventDefault(); file.files = event.dataTransfer.files; check(); });
})();

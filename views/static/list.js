"use strict";
(() => {
  document.querySelectorAll("[data-listing]").forEach((listing) => {
    const bar = listing.querySelector(".bulk");
    const all = listing.querySelector("[data-check-all]");
    const boxes = [...listing.querySelectorAll("input[name=rowid]")];
    const count = () => {
      const chosen = boxes.filter((box) => box.checked);
      boxes.forEach((box) => box.closest("tr").classList.toggle("chosen", box.checked));
      if (!bar) { return; }
      bar.hidden = chosen.length === 0;
      const words = bar.querySelector("[data-bulk-count]");
      words.textContent = words.dataset.words.replace("#", chosen.length);
      all.checked = chosen.length > 0 && chosen.length === boxes.length;
      all.indeterminate = chosen.length > 0 && chosen.length < boxes.length;
    };
    const choose = (checked) => { boxes.forEach((box) => { box.checked = checked; }); count(); };
    if (all) { all.addEventListener("change", () => choose(all.checked)); }
    if (bar) { bar.querySelector("[data-bulk-clear]").addEventListener("click", () => choose(false)); }
    boxes.forEach((box) => box.addEventListener("change", count));
    count();
    listing.addEventListener("click", (event) => {
      const row = event.target.closest("tr[data-href]");
      if (!row || event.target.closest("a, button, input, label, .check") || String(getSelection())) { return; }
      if (event.ctrlKey || event.metaKey) { open(row.dataset.href, "_blank", "noopener"); } else { location.href = row.dataset.href; }
    });
  });

  document.querySelectorAll("[data-search]").forEach((search) => {
    const menu = search.querySelector("[data-filter-menu]");
    const ask = (column) => {
      const open = search.querySelector(".asking");
      if (open) { open.remove(); }
      const asking = search.querySelector(`[data-filter-template="${column}"]`).content.cloneNode(true).firstElementChild;
      const way = asking.querySelector(".asking-way");
      const input = asking.querySelector(".asking-input").querySelector("input, select, textarea");
      const name = () => { input.name = way.value; };
      way.addEventListener("change", name);
      name();
      input.removeAttribute("id");
      input.required = true;
      asking.querySelector("[data-filter-drop]").addEventListener("click", () => asking.remove());
      menu.before(asking);
      menu.open = false;
      document.dispatchEvent(new CustomEvent("minqing:fields", { detail: asking }));
      input.focus();
    };
    search.addEventListener("click", ({ target }) => {
      const button = target.closest("[data-filter]");
      if (button) { ask(button.dataset.filter); }
    });
    search.addEventListener("submit", () => {
      const quick = search.querySelector("[data-list-search]");
      if (quick && !quick.value.trim()) { quick.disabled = true; }
    });
  });
})();

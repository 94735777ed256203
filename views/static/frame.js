"use strict";
(() => {
  const root = document.documentElement;
  const year = 365 * 24 * 3600;
  const remember = (name, value) => { document.cookie = `${name}=${value};path=/;max-age=${year};samesite=lax`; };
  const on = (selector, act) => document.querySelectorAll(selector).forEach((each) => each.addEventListener("click", (event) => act(each, event)));

  on("[data-fold]", () => remember("nav", root.classList.toggle("narrow") ? "narrow" : "wide"));
  on("[data-drawer]", () => document.body.classList.toggle("drawer"));
  on("[data-large]", (button) => {
    const large = root.classList.toggle("large");
    button.setAttribute("aria-pressed", large);
    remember("print", large ? "large" : "usual");
  });
  on("[data-dismiss-banner]", (button) => button.closest(".banner").remove());
  on("[data-back]", () => history.back());

  const tab = document.querySelector(".tabs a.active");
  if (tab) { tab.parentNode.scrollLeft = tab.offsetLeft - tab.parentNode.offsetLeft - (tab.parentNode.clientWidth - tab.offsetWidth) / 2; }

  document.addEventListener("click", (event) => {
    document.querySelectorAll("details.menu[open]").forEach((menu) => { if (!menu.contains(event.target)) menu.open = false; });
  });

  const typing = (target) => target.closest("input, textarea, select, [contenteditable], .select2-container");
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      document.body.classList.remove("drawer");
      document.querySelectorAll("details.menu[open]").forEach((menu) => { menu.open = false; menu.querySelector("summary").focus(); });
    }
    if (event.key === "/" && !event.ctrlKey && !event.metaKey && !typing(event.target)) {
      const box = document.querySelector("[data-list-search]") || document.getElementById("search");
      if (box) { event.preventDefault(); box.focus(); box.select(); }
    }
  });

  for (const failed of ["htmx:responseError", "htmx:sendError"]) {
    document.addEventListener(failed, ({ target }) => {
      if (!target.dataset.failed) { return; }
      target.removeAttribute("aria-busy");
      target.innerHTML = '<p class="quiet"></p>';
      target.firstChild.textContent = target.dataset.failed;
    });
  }

  for (const button of document.querySelectorAll("[data-print]")) {
    button.addEventListener("click", () => window.print());
  }

  const dialog = document.getElementById("confirm");
  let asked = null;
  if (dialog) {
    document.addEventListener("click", (event) => {
      const button = event.target.closest("[data-confirm]");
      if (!button || button === asked) { return; }
      event.preventDefault();
      document.getElementById("confirm-question").textContent = button.dataset.confirm;
      dialog.returnValue = "";
      asked = button;
      dialog.showModal();
    });
    dialog.addEventListener("close", () => {
      const button = asked;
      if (dialog.returnValue === "yes") { button.click(); }
      asked = null;
      button.focus();
    });
  }
})();

"use strict";
(() => {
  const words = (() => {
    const box = document.getElementById("select-words");
    return box ? JSON.parse(box.textContent) : {};
  })();
  const language = {
    noResults: () => words.none, searching: () => words.searching, loadingMore: () => words.more,
    errorLoading: () => words.failed, removeAllItems: () => words.clear,
  };

  const dress = (within) => {
    if (!window.jQuery || !jQuery.fn.select2) { return; }
    jQuery(within).find("select.ajax-select[data-url]").each(function () {
      const data = this.dataset;
      jQuery(this).select2({
        language, width: "100%", placeholder: data.placeholder || words.choose, allowClear: data.allowClear !== "false",
        ajax: { url: data.url, dataType: "json", delay: 200, data: (asked) => ({ q: asked.term || "", page: asked.page || 1 }) },
      });
    });
    jQuery(within).find("select.my_select2").each(function () {
      jQuery(this).select2({ language, width: "100%", placeholder: words.choose, allowClear: !this.required && !this.multiple,
        minimumResultsForSearch: 9 });
    });
  };
  dress(document);
  document.addEventListener("minqing:fields", (event) => dress(event.detail));
  if (window.jQuery) {
    jQuery(document).on("select2:open", () => { document.querySelector(".select2-container--open .select2-search__field")?.focus(); });
  }

  document.addEventListener("click", (event) => {
    const taken = event.target.closest("[data-take]");
    const field = taken && taken.form.elements[taken.dataset.into];
    if (!field) { return; }
    field.value = taken.dataset.take;
    field.dispatchEvent(new Event("change", { bubbles: true }));
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.focus();
  });

  const summary = document.querySelector(".error-summary");
  if (summary) { summary.focus(); }

  document.querySelectorAll("form[data-keys]").forEach((form) => {
    const first = form.querySelector("input[type=radio]:enabled");
    if (first && !summary && matchMedia("(pointer: fine)").matches) { first.focus({ preventScroll: true }); }
    form.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); form.requestSubmit(); }
    });
  });

  // Drafts: kept for a day, never for fields that hold a person's data or a password, gone after saving or signing out.
  const PREFIX = "draft:";
  const DAY = 24 * 3600 * 1000;
  const PRIVATE = /password|csrf|id_number|mobile|phone|credit/;
  const SENT = "draft-sent";
  const drafts = () => Object.keys(localStorage).filter((key) => key.startsWith(PREFIX));
  drafts().forEach((key) => { if (Date.now() - JSON.parse(localStorage.getItem(key)).at > DAY) { localStorage.removeItem(key); } });

  const sent = sessionStorage.getItem(SENT);
  if (sent && !document.querySelector("form[data-draft]") && !document.querySelector("form[name=login]")) {
    localStorage.removeItem(sent);
    sessionStorage.removeItem(SENT);
  }
  document.querySelectorAll("[data-sign-out]").forEach((link) => link.addEventListener("click", () => drafts().forEach((key) => localStorage.removeItem(key))));

  document.querySelectorAll("form[data-draft]").forEach((form) => {
    const key = PREFIX + (form.dataset.draft || location.pathname);
    const note = form.querySelector("[data-draft-note]");
    const lasting = (field) => "kept" in field.dataset;
    const fields = () => [...form.elements].filter((field) => field.name && (lasting(field) || field.type !== "hidden") && !["password", "file", "submit", "button"].includes(field.type) && !PRIVATE.test(field.name) && !("private" in field.dataset));
    const valueOf = (field) => {
      if (["checkbox", "radio"].includes(field.type)) { return field.checked; }
      if (field.tagName === "SELECT") { return [...field.selectedOptions].map((option) => [option.value, option.text]); }
      return field.value;
    };
    const idOf = (field) => (field.type === "radio" || field.type === "checkbox") ? `${field.name}=${field.value}` : field.name;
    const restore = (field, value) => {
      if (["checkbox", "radio"].includes(field.type)) { field.checked = value; return; }
      if (field.tagName !== "SELECT") { field.value = value; return; }
      value.forEach(([chosen, text]) => {
        let option = [...field.options].find((each) => each.value === chosen);
        if (!option && field.classList.contains("ajax-select")) { option = new Option(text, chosen); field.add(option); }
        if (option) { option.selected = true; }
      });
      if (window.jQuery) { jQuery(field).trigger("change.select2"); }
    };
    const start = JSON.stringify(fields().filter((field) => !lasting(field)).map(valueOf));
    const kept = localStorage.getItem(key);
    if (kept && !form.querySelector(".error-summary")) {
      const draft = JSON.parse(kept);
      if (draft.start === start) {
        fields().forEach((field) => { if (idOf(field) in draft.values) { restore(field, draft.values[idOf(field)]); } });
        if (note) { note.hidden = false; }
      } else { localStorage.removeItem(key); }
    }
    let timer = 0;
    const rest = () => { clearTimeout(timer); timer = 0; };
    const store = () => {
      rest();
      const values = Object.fromEntries(fields().map((field) => [idOf(field), valueOf(field)]));
      localStorage.setItem(key, JSON.stringify({ at: Date.now(), start, values }));
      if (note) { note.hidden = false; }
    };
    const keep = () => { rest(); timer = setTimeout(store, 300); };
    addEventListener("pagehide", () => { if (timer) { store(); } });
    form.addEventListener("input", keep);
    if (window.jQuery) { jQuery(form).on("change", "select", keep); }
    form.addEventListener("submit", () => { rest(); sessionStorage.setItem(SENT, key); });
    form.querySelectorAll("[data-drop-draft]").forEach((link) => link.addEventListener("click", () => { rest(); localStorage.removeItem(key); }));
  });
})();

(() => {
  document.querySelectorAll("[data-upload]").forEach((form) => {
    const drop = form.querySelector("[data-drop]");
    const input = drop.querySelector("input");
    const name = form.querySelector("[data-drop-name]");
    const named = () => { if (input.files.length) { name.textContent = input.files[0].name; } };
    input.addEventListener("change", named);
    ["dragover", "dragleave", "drop"].forEach((kind) => drop.addEventListener(kind, (event) => {
      event.preventDefault();
      drop.classList.toggle("over", kind === "dragover");
      if (kind === "drop") { input.files = event.dataTransfer.files; named(); }
    }));
    form.addEventListener("submit", () => {
      form.querySelector("[data-busy]").hidden = false;
      form.querySelector("[type=submit]").disabled = true;
    });
  });
})();

// A reply template fills its field; what was typed there is replaced only when asked.
(() => {
  document.querySelectorAll("select[data-fills]").forEach((choice) => {
    const target = document.getElementById(choice.dataset.fills);
    const replace = choice.closest(".field").querySelector("[data-fill]");
    if (!target) { return; }
    let text = "";
    let filled = "";
    const fill = () => {
      target.value = filled = text;
      target.dispatchEvent(new Event("input", { bubbles: true }));
      target.focus();
    };
    choice.addEventListener("change", () => {
      text = choice.selectedOptions[0].dataset.text || "";
      choice.value = "";
      if (!text) { return; }
      const typed = target.value.trim();
      if (typed && typed !== filled.trim()) { replace.click(); } else { fill(); }
    });
    document.addEventListener("click", (event) => {
      if (event.target === replace && !event.defaultPrevented) { fill(); }
    });
  });
})();

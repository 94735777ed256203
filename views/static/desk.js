"use strict";
// The desk by keyboard alone: Enter goes on, Ctrl+Enter saves, Alt and a letter lead to a field.
(() => {
  const form = document.querySelector("form[data-desk]");
  if (!form) { return; }
  const save = form.querySelector("button[type=submit]");
  const ofSelect2 = (field) => field.classList.contains("select2-hidden-accessible");
  const shell = (field) => field.nextElementSibling.querySelector(".select2-selection");

  const stops = () => {
    const met = new Set();
    return [...form.querySelectorAll("input, select, textarea, button[type=submit]")].filter((field) => {
      if (field.type === "hidden" || field.offsetParent === null || field.name === "reporter") { return false; }
      if (field.type !== "radio") { return true; }
      if (met.has(field.name)) { return false; }
      met.add(field.name);
      return true;
    });
  };
  const callers = () => [...form.querySelectorAll("input[name=reporter]")];
  const ownerOf = (target) => target.closest(".select2-container")?.previousElementSibling || target;
  const needed = (field) => field.dataset.allowClear === "false";
  const go = (field, wanted = false) => {
    if (ofSelect2(field)) {
      shell(field).focus();
      if (!field.value && (wanted || needed(field))) { jQuery(field).select2("open"); }
      return;
    }
    const place = field.type === "radio" ? form.querySelector(`input[name=${field.name}]:checked`) || field : field;
    place.focus();
    if (["text", "tel"].includes(place.type)) { place.select(); }
  };
  const goOn = (from) => {
    const list = stops();
    if (from.name === "reporter") { go(form.elements.name); return; }
    if (from.name === "mobile" && callers().length > 1) { callers()[0].focus(); return; }
    const place = list.findIndex((each) => each === from || (from.type === "radio" && each.name === from.name));
    go(list[place + 1] || save);
  };

  const ask = (field) => {
    (field.dataset.asks || "").split(",").filter(Boolean).forEach((panel) => htmx.trigger(panel.trim(), "desk"));
  };
  let timer = 0;
  form.addEventListener("input", ({ target }) => {
    if (!target.dataset.asks || target.tagName === "SELECT") { return; }
    clearTimeout(timer);
    timer = setTimeout(() => ask(target), 250);
  });
  form.addEventListener("change", ({ target }) => {
    if (target.name === "kind") { htmx.trigger("#proposal", "desk"); }
  });
  const placed = () => { htmx.trigger("#proposal", "desk"); htmx.trigger("#alike", "desk"); };
  jQuery(form).on("select2:select select2:clear", "select", ({ type, target }) => {
    if (target.id === "unit") { placed(); } else { ask(target); }
    if (type === "select2:select") { setTimeout(() => goOn(target)); }
  });

  form.addEventListener("keydown", (event) => {
    const { key, target } = event;
    if (event.isComposing || event.keyCode === 229) { return; }
    if (key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      form.requestSubmit(save);
      return;
    }
    if (event.altKey && !event.ctrlKey) {
      const field = form.querySelector(`[data-key="${event.code.replace("Key", "")}"]`);
      if (!field) { return; }
      event.preventDefault();
      if (field.type === "checkbox") { field.click(); }
      go(field, true);
      return;
    }
    const field = ownerOf(target);
    if (field !== target && key.length === 1 && key !== " " && !event.ctrlKey) { jQuery(field).select2("open"); return; }
    if (key !== "Enter" || target.matches("button, a") || (target.tagName === "TEXTAREA" && event.shiftKey)) { return; }
    if (field !== target && !field.value && needed(field)) { return; }
    event.preventDefault();
    event.stopPropagation();
    if (target.name === "reporter" && !target.checked) { target.click(); }
    goOn(field);
  }, true);

  form.addEventListener("submit", () => { save.disabled = true; });
  addEventListener("pageshow", () => { save.disabled = false; });
  if (form.elements.mobile.value) { ask(form.elements.mobile); }
  if (form.elements.title.value && form.elements.unit.value) { placed(); }
  if (!document.querySelector(".error-summary")) { go(form.elements.mobile); }
})();

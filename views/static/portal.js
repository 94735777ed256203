"use strict";
(() => {
  const ID = "ask-id";
  const town = document.querySelector("[data-towns]");
  const village = document.querySelector("[data-villages]");

  const fill = async () => {
    const chosen = village.value;
    const answer = town.value ? await fetch(town.dataset.towns.replace("CODE", encodeURIComponent(town.value))) : null;
    const places = answer && answer.ok ? await answer.json() : [];
    village.replaceChildren(new Option(village.dataset.villages, ""), ...places.map((each) => new Option(each.name, each.code)));
    if (places.some((each) => each.code === chosen)) { village.value = chosen; }
  };
  if (town && village) {
    town.addEventListener("change", fill);
    fill();
  }

  // The same request sent again, even after a reload, keeps its id until the receipt has been seen.
  const form = document.querySelector("form[data-ask]");
  if (form) {
    const field = form.elements.client_id;
    field.value = localStorage.getItem(ID) || field.value;
    localStorage.setItem(ID, field.value);
    form.addEventListener("submit", () => { form.querySelector("button[type=submit]").disabled = true; });
    window.addEventListener("pageshow", () => { form.querySelector("button[type=submit]").disabled = false; });
  }
  if (document.querySelector("[data-handed-in]")) { localStorage.removeItem(ID); }
})();

// What others have asked like it, by place, kind and day, once enough has been written.
(() => {
  const slot = document.querySelector("[data-similar]");
  if (!slot) { return; }
  const form = slot.closest("form");
  let timer = 0;
  const look = async () => {
    const asked = new URLSearchParams(["csrf_token", "title", "text", "category", "town", "village"].map((name) => [name, form.elements[name]?.value ?? ""]));
    const answer = form.elements.town.value ? await fetch(slot.dataset.similar, { method: "POST", body: asked }) : null;
    if (answer && answer.ok) { slot.innerHTML = await answer.text(); }
  };
  form.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(look, 800); });
})();

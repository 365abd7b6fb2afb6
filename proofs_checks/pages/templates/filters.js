"use strict";
(() => {
  const form = document.querySelector("form.filters");
  const entries = [...document.querySelectorAll(".entry")];
  const groups = [...document.querySelectorAll("section.group")];
  const status = document.querySelector("[role=status]");
  const words = (text) => text.toLowerCase().normalize("NFKC")
    .replaceAll("≤", "<=").replaceAll("≥", ">=").replaceAll("⟨", "<").replaceAll("⟩", ">")
    .replace(/\s+/g, " ").trim();
  const texts = new Map(entries.map((entry) => [entry, words(entry.dataset.text)]));
  const details = (entry) => entry.querySelector("details");

  function filter() {
    const verdicts = new Set([...form.querySelectorAll("[name=verdict]:checked")].map((v) => v.value));
    const section = form.elements.section.value;
    const asked = words(form.elements.text.value).split(" ").filter(Boolean);
    const errata = form.elements.errata?.checked;
    let shown = 0;
    for (const entry of entries) {
      const text = texts.get(entry);
      const fits = verdicts.has(entry.dataset.verdict)
        && (!section || entry.dataset.section === section)
        && (!errata || entry.dataset.kind)
        && asked.every((word) => text.includes(word));
      entry.hidden = !fits;
      shown += fits;
    }
    for (const group of groups) group.hidden = !group.querySelector(".entry:not([hidden])");
    status.textContent = shown === entries.length
      ? `All ${shown} statements are shown.`
      : `${shown} of ${entries.length} statements are shown.`;
  }

  function reset() {
    form.reset();
    filter();
  }

  function follow() {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target?.classList.contains("entry")) return;
    if (target.hidden) reset();
    details(target).open = true;
    target.scrollIntoView();
  }

  form.hidden = false;
  form.addEventListener("input", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.querySelector("[data-do=reset]").addEventListener("click", reset);
  form.querySelector("[data-do=open]").addEventListener("click", () => {
    for (const entry of entries) if (!entry.hidden) details(entry).open = true;
  });
  form.querySelector("[data-do=close]").addEventListener("click", () => {
    for (const entry of entries) details(entry).open = false;
  });
  let closed = [];
  addEventListener("beforeprint", () => {
    closed = entries.map(details).filter((one) => !one.open);
    for (const one of closed) one.open = true;
  });
  addEventListener("afterprint", () => {
    for (const one of closed) one.open = false;
  });
  addEventListener("hashchange", follow);
  filter();
  follow();
})();

// Matching the columns: states and counts as the choices change, filters, and keeping what is chosen.
"use strict";

document.querySelectorAll("form.mapping").forEach((form) => {
  const rows = [...form.querySelectorAll("tr[data-state]")];
  const filters = [...form.querySelectorAll("[data-filter]")];
  const summary = document.querySelector("[data-summary]");
  const plural = new Intl.PluralRules(document.documentElement.lang);
  const unseen = Number(summary.dataset.unseen);
  let wanted = "";

  const count = () => {
    for (const button of filters) {
      const state = button.dataset.filter;
      const number = state ? rows.filter((row) => row.dataset.state === state).length : rows.length;
      button.querySelector("b").textContent = number.toLocaleString(document.documentElement.lang);
      button.setAttribute("aria-pressed", String(state === wanted));
    }
    for (const row of rows) row.hidden = wanted !== "" && row.dataset.state !== wanted;
    const imported = rows.filter((row) => row.dataset.state !== "unused").length;
    const values = { n: imported, all: rows.length + unseen, rest: rows.length + unseen - imported };
    const { one, many, restOne, restMany } = summary.dataset;
    const is = (number) => plural.select(number) === "one";
    const words = `${is(values.n) ? one : many} ${is(values.rest) ? restOne : restMany}`;
    summary.textContent = words.replace(/\{(\w+)\}/g, (_, name) =>
      values[name].toLocaleString(document.documentElement.lang),
    );
  };
  for (const button of filters) {
    button.addEventListener("click", () => {
      wanted = button.dataset.filter;
      count();
    });
  }

  // What is chosen is kept at once, so that neither a reload nor another language loses it.
  const keep = () => {
    const body = new URLSearchParams(new FormData(form));
    body.set("do", "keep");
    fetch(form.action, { method: "POST", body, keepalive: body.toString().length < 60_000 }).catch(() => {});
  };
  form.addEventListener("change", (event) => {
    const row = event.target.closest("tr[data-state]");
    if (row) {
      row.dataset.state = event.target.value ? "matched" : "unused";
      row.querySelector(".api").textContent = event.target.value;
      count();
    }
    const picked = new Set([...form.querySelectorAll("select[name^=column-]")].map((select) => select.value));
    const gaps = [...form.querySelectorAll("[data-gap]")];
    for (const gap of gaps) gap.hidden = picked.has(gap.dataset.gap);
    const section = form.querySelector("[data-gaps]");
    if (section) section.hidden = gaps.every((gap) => gap.hidden);
    if (event.target.name && event.target.name !== "name") keep();
  });
});

// The grid of all rows: pages from the server, cells edited in place, every change saved at once.
"use strict";

(() => {
  const form = document.getElementById("grid");
  const words = form.dataset;
  const part = (name) => document.getElementById(`grid-${name}`);
  const [head, body] = [form.querySelector("thead"), form.querySelector("tbody")];
  const found = document.getElementById("found");
  const replace = form.querySelector('[data-do="replace"]');
  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => String(values[name]));
  const make = (name, properties) => Object.assign(document.createElement(name), properties);

  let columns = [];
  let choices = {};
  let start = 0;
  let total = 0;
  let size = 100;
  let revision = 0;
  let state = ""; // what the rows were when they were last asked for or changed here
  let kept = new Set(); // rows changed since the filter was chosen: they keep their place
  let asked = 0; // the number of the last request for rows: an older answer is not shown
  let saving = Promise.resolve(); // changes go one after the other

  const query = () => {
    const values = {};
    for (const name of ["shows", "code", "column", "text", "sort", "down"]) values[name] = form.elements[name].value;
    return { ...values, kept: [...kept].slice(-2000).join(",") };
  };

  const complain = (text) => {
    part("complaint").textContent = text;
  };

  const call = async (address, options) => {
    try {
      const response = await fetch(address, { headers: { Accept: "application/json" }, ...options });
      const answer = await response.json();
      complain(answer.error || "");
      return answer.error ? null : answer;
    } catch {
      complain(words.lost);
      return null;
    }
  };

  const load = async (values = {}) => {
    const number = ++asked;
    const more = { start, ...(columns.length ? {} : { columns: 1 }), ...values };
    const answer = await call(`${words.rows}?${new URLSearchParams({ ...query(), ...more })}`);
    if (!answer || number !== asked) return null;
    if (answer.columns) ({ columns, choices, size } = answer);
    if ("behind" in values && answer.next === null) return answer;
    ({ start, total } = answer);
    settle(answer);
    showHead();
    body.replaceChildren(...answer.rows.map(buildRow));
    const values_ = { first: total ? start + 1 : 0, last: Math.min(start + size, total), total };
    part("range").textContent = total ? fill(words.range, values_) : words.none;
    form.querySelector('[data-page="-1"]').disabled = start === 0;
    form.querySelector('[data-page="1"]').disabled = start + size >= total;
    for (const button of form.querySelectorAll("[data-all]")) button.disabled = total === 0;
    const first = body.querySelector("td");
    if (first) first.tabIndex = 0;
    return answer;
  };

  const settle = (answer) => {
    ({ revision, state } = answer);
    part("tally").textContent = answer.tally.join(" · ");
    form.querySelector('[data-do="undo"]').disabled = !answer.undo;
  };

  const showHead = () => {
    const row = make("tr");
    row.append(make("th", { textContent: words.row, scope: "col" }));
    columns.forEach((label, index) => {
      const cell = make("th", { scope: "col" });
      const button = make("button", { type: "button" });
      button.append(make("bdi", { textContent: label }));
      if (form.elements.sort.value === String(index)) {
        const down = form.elements.down.value;
        cell.setAttribute("aria-sort", down ? "descending" : "ascending");
        button.append(down ? " ↓" : " ↑");
      }
      button.addEventListener("click", () => sort(index));
      cell.append(button);
      row.append(cell);
    });
    head.replaceChildren(row);
  };

  const sort = (index) => {
    const [by, down] = [form.elements.sort, form.elements.down];
    const same = by.value === String(index);
    by.value = same && down.value ? "" : String(index); // up, down, as in the file
    down.value = same && !down.value ? "1" : "";
    renew().then(() => head.querySelectorAll("button")[index].focus());
  };

  const buildRow = (row) => {
    const line = make("tr");
    line.dataset.row = row.row;
    line.classList.toggle("removed", row.removed);
    const title = make("th", { scope: "row" });
    title.append(make("span", { textContent: row.row }));
    if (row.whole.length) {
      title.classList.add(row.whole[0][0]);
      title.title = row.whole.map((entry) => entry[1]).join(" ");
      title.append(make("span", { className: "said", textContent: title.title }));
    }
    const name = fill(row.removed ? words.restore : words.remove, { row: row.row });
    const button = make("button", { type: "button", textContent: row.removed ? "↩" : "×", title: name });
    button.setAttribute("aria-label", name);
    button.addEventListener("click", async () => {
      await change({ do: row.removed ? "restore" : "remove", rows: row.row });
      const next = body.querySelector(`tr[data-row="${row.row}"] th button`);
      if (next) next.focus();
    });
    title.append(button);
    line.append(title);
    columns.forEach((label, index) => line.append(buildCell(row, label, index)));
    return line;
  };

  const buildCell = (row, label, index) => {
    const cell = make("td", { tabIndex: -1 });
    const [severity, said] = row.marks[`c${index}`] || ["", ""];
    Object.assign(cell.dataset, { column: index, label, said });
    cell.classList.toggle("corrected", row.corrected.includes(`c${index}`));
    cell.dataset.text = row[`c${index}`];
    if (severity) {
      cell.classList.add(severity);
      cell.title = said;
      if (severity === "error") cell.setAttribute("aria-invalid", "true");
    }
    showText(cell);
    return cell;
  };

  const showText = (cell) => {
    cell.replaceChildren(make("bdi", { textContent: cell.dataset.text }));
    if (cell.dataset.said) cell.append(make("span", { className: "said", textContent: cell.dataset.said }));
  };

  const rowOf = (cell) => Number(cell.closest("tr").dataset.row);

  const change = (values) => {
    const work = saving.then(async () => {
      const fields = { ...query(), csrf: form.elements.csrf.value, ...values, revision };
      const answer = await call(words.edit, { method: "POST", body: new URLSearchParams(fields), keepalive: true });
      if (!answer || values.do === "count") return answer;
      settle(answer);
      part("status").textContent = answer.done;
      for (const row of answer.rows) {
        kept.add(row.row);
        const old = body.querySelector(`tr[data-row="${row.row}"]`);
        if (old) old.replaceWith(buildRow(row));
      }
      if (!body.querySelector('td[tabindex="0"]') && body.querySelector("td")) body.querySelector("td").tabIndex = 0;
      if (!answer.rows.length || values.all) await load();
      return answer;
    });
    saving = work.catch(() => null);
    return work;
  };

  const focus = (cell) => {
    if (!cell) return;
    for (const other of body.querySelectorAll('td[tabindex="0"]')) other.tabIndex = -1;
    cell.tabIndex = 0;
    cell.focus();
  };
  const find = (row, column) => body.querySelector(`tr[data-row="${row}"] td[data-column="${column}"]`);

  const edit = (cell, typed) => {
    if (cell.querySelector("input, select, textarea")) return;
    const [row, column, text] = [rowOf(cell), Number(cell.dataset.column), cell.dataset.text];
    const allowed = choices[column];
    const field = make(allowed ? "select" : text.includes("\n") ? "textarea" : "input");
    if (allowed) {
      for (const value of new Set([text, ...allowed])) {
        field.append(make("option", { value, textContent: value || words.blank }));
      }
    } else {
      Object.assign(field, { dir: "auto", autocomplete: "off", spellcheck: false });
    }
    field.value = allowed || typed === undefined ? text : typed;
    field.setAttribute("aria-label", fill(words.cell, { row, column: cell.dataset.label }));
    let over = false;
    const close = async (save) => {
      if (over) return;
      over = true;
      const value = field.value;
      if (!save || value === text) return showText(cell);
      cell.dataset.text = value;
      showText(cell);
      if (await change({ do: "cell", row, column, text: value })) return;
      const now = find(row, column);
      if (!now) return;
      now.dataset.text = text; // it was not kept
      showText(now);
    };
    field.addEventListener("blur", () => close(true));
    field.addEventListener("keydown", async (event) => {
      event.stopPropagation();
      if (event.isComposing || (event.key === "Enter" && event.altKey)) return;
      if (event.key === "Escape") {
        event.preventDefault();
        close(false);
        focus(cell);
      } else if (event.key === "Enter") {
        event.preventDefault();
        await close(true);
        if (!part("complaint").textContent) await goToNext(row, column);
      } else if (event.key === "Tab") {
        event.preventDefault();
        const beside = column + (event.shiftKey ? -1 : 1);
        await close(true);
        focus(find(row, beside) || find(row, column));
      }
    });
    cell.replaceChildren(field);
    field.focus();
    if (field.select && typed === undefined) field.select();
  };

  const goToNext = async (row, column) => {
    const at = find(row, column);
    const cells = [...body.querySelectorAll("td.error")];
    let next = cells.find((cell) => at && at.compareDocumentPosition(cell) & Node.DOCUMENT_POSITION_FOLLOWING);
    if (!next) {
      const lines = body.querySelectorAll("tr");
      const last = lines.length ? Number(lines[lines.length - 1].dataset.row) : row;
      const answer = await load({ behind: last });
      next = answer && answer.next !== null && (find(answer.next, 0).closest("tr").querySelector("td.error") || find(answer.next, 0));
    }
    if (!next) {
      part("status").textContent = words.last;
      return focus(find(row, column));
    }
    focus(next);
    edit(next);
    next.scrollIntoView({ block: "nearest", inline: "nearest" });
  };

  body.addEventListener("focusin", (event) => {
    const cell = event.target.closest("td");
    if (cell && cell.dataset.said) part("status").textContent = `${fill(words.cell, { row: rowOf(cell), column: cell.dataset.label })}: ${cell.dataset.said}`;
  });
  body.addEventListener("dblclick", (event) => event.target.closest("td") && edit(event.target.closest("td")));
  body.addEventListener("click", (event) => {
    const cell = event.target.closest("td");
    if (!cell || event.target !== cell.querySelector("bdi, .said") && event.target !== cell) return;
    if (document.activeElement === cell && cell.dataset.was) edit(cell); // a second click, or a tap on a cell in focus
    else focus(cell);
    cell.dataset.was = "1";
  });
  body.addEventListener("keydown", (event) => {
    const cell = event.target.closest("td");
    if (!cell || event.target !== cell || event.ctrlKey || event.metaKey || event.altKey) return;
    const [line, column] = [cell.closest("tr"), Number(cell.dataset.column)];
    const rtl = getComputedStyle(cell).direction === "rtl" ? -1 : 1;
    const beside = (other, place) => other && other.querySelector(`td[data-column="${place}"]`);
    const targets = {
      ArrowRight: () => beside(line, column + rtl),
      ArrowLeft: () => beside(line, column - rtl),
      ArrowDown: () => beside(line.nextElementSibling, column),
      ArrowUp: () => beside(line.previousElementSibling, column),
      Home: () => beside(line, 0),
      End: () => beside(line, columns.length - 1),
    };
    if (targets[event.key]) {
      event.preventDefault();
      focus(targets[event.key]());
    } else if (event.key === "Enter" || event.key === "F2") {
      event.preventDefault();
      edit(cell);
    } else if (event.key.length === 1) {
      event.preventDefault();
      edit(cell, event.key);
    }
  });

  const renew = () => {
    start = 0;
    kept = new Set();
    return load();
  };
  const forget = () => {
    replace.hidden = true;
    found.textContent = "";
  };
  for (const name of ["shows", "code", "column"]) form.elements[name].addEventListener("change", renew);
  let waiting = 0;
  form.elements.text.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(renew, 300);
  });
  for (const name of ["find", "by", "whole", "shows", "code", "column", "text"]) {
    form.elements[name].addEventListener("input", forget);
  }
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (document.activeElement === form.elements.find || document.activeElement === form.elements.by) count();
  });

  const replacement = () => ({
    find: form.elements.find.value,
    by: form.elements.by.value,
    whole: form.elements.whole.checked ? "1" : "",
    within: form.elements.column.value,
  });
  const count = async () => {
    const answer = await change({ do: "count", ...replacement() });
    found.textContent = answer ? answer.text : "";
    replace.hidden = !answer || !answer.count;
  };
  form.querySelector('[data-do="count"]').addEventListener("click", count);
  replace.addEventListener("click", async () => {
    if (await change({ do: "replace", ...replacement() })) forget();
  });
  form.querySelector('[data-do="undo"]').addEventListener("click", () => change({ do: "undo" }));
  for (const button of form.querySelectorAll("[data-all]")) {
    button.addEventListener("click", () => change({ do: button.dataset.all, all: "1" }));
  }
  for (const button of form.querySelectorAll("[data-page]")) {
    button.addEventListener("click", async () => {
      start = Math.max(0, start + size * Number(button.dataset.page));
      if (await load()) document.getElementById("grid-box").scrollTo(0, 0);
    });
  }

  // What another window has changed is shown at once, unless a cell is open here.
  const look = async () => {
    const isOpen = () => body.querySelector("input, select, textarea");
    if (document.hidden || isOpen() || !state) return;
    const before = saving;
    await before;
    let now = "";
    try {
      const response = await fetch(words.state, { headers: { Accept: "application/json" } });
      now = response.ok ? (await response.json()).state : state;
    } catch {
      return; // the program is not running; the next look may find it
    }
    if (now === state || saving !== before || isOpen()) return;
    const at = body.contains(document.activeElement) && document.activeElement.closest("td");
    const place = at && [rowOf(at), at.dataset.column];
    columns = [];
    if (!(await load())) return location.reload(); // it is imported, or its columns are chosen anew
    part("status").textContent = words.changed;
    if (place) focus(find(...place));
  };
  document.addEventListener("visibilitychange", look);
  setInterval(look, 3000);
  load();
})();

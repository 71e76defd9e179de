// What the page does beyond links and forms: uploading, following what is at work, correcting cells, asking first.
"use strict";

const each = (selector, work) => document.querySelectorAll(selector).forEach(work);

// Uploading: the file itself is the body, so that it goes to disk as it comes.
each("form[data-upload]", (form) => {
  const input = form.querySelector("input[type=file]");
  const bar = form.querySelector("progress");
  const status = form.querySelector(".status");
  const complaint = form.querySelector(".complaint");
  const drop = form.querySelector(".drop");
  const button = form.querySelector("button");
  let dropped = null;

  const complain = (words) => {
    complaint.textContent = words;
    status.textContent = "";
    bar.classList.add("hidden");
    button.disabled = false;
  };
  for (const name of ["dragenter", "dragover"]) {
    drop.addEventListener(name, (event) => {
      event.preventDefault();
      drop.classList.add("over");
    });
  }
  for (const name of ["dragleave", "drop"]) {
    drop.addEventListener(name, () => drop.classList.remove("over"));
  }
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    dropped = event.dataTransfer.files[0] || null;
    if (dropped) {
      input.required = false;
      input.files = event.dataTransfer.files;
      status.textContent = dropped.name;
    }
  });
  input.addEventListener("change", () => {
    dropped = null;
    complaint.textContent = "";
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const file = dropped || input.files[0];
    if (!file) return complain(form.dataset.none);
    if (file.size > Number(form.dataset.largest)) return complain(form.dataset.large);
    complaint.textContent = "";
    button.disabled = true;
    bar.classList.remove("hidden");
    const query = new URLSearchParams({ name: file.name, kind: form.kind.value, after: form.dataset.after });
    const request = new XMLHttpRequest();
    request.open("POST", `${form.dataset.upload}?${query}`);
    request.setRequestHeader("X-CSRF-Token", form.dataset.csrf);
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.upload.addEventListener("progress", (event) => {
      if (!event.lengthComputable) return;
      bar.value = (100 * event.loaded) / event.total;
      status.textContent = form.dataset.sending.replace("{percent}", String(Math.floor(bar.value)));
    });
    request.addEventListener("load", () => {
      let answer = {};
      try {
        answer = JSON.parse(request.responseText);
      } catch {
        answer = { error: request.responseText };
      }
      if (request.status !== 201) return complain(answer.error || form.dataset.lost);
      status.textContent = form.dataset.reading;
      location.assign(answer.location);
    });
    request.addEventListener("error", () => complain(form.dataset.lost));
    request.send(file);
  });
});

// Following what is at work; the page is loaded anew when it is over. A tab that nobody sees does not follow:
// browsers have few connections for all tabs together.
each("[data-follow]", (panel) => {
  const lost = document.querySelector(".lost");
  let source = null;
  const stop = () => {
    if (source) source.close();
    source = null;
  };
  const follow = () => {
    if (source || document.hidden) return;
    source = new EventSource(panel.dataset.follow);
    source.addEventListener("progress", (event) => {
      lost.textContent = "";
      panel.innerHTML = event.data;
    });
    source.addEventListener("over", () => {
      stop();
      location.reload();
    });
    source.addEventListener("error", () => {
      lost.textContent = panel.dataset.lost;
    });
  };
  document.addEventListener("visibilitychange", () => (document.hidden ? stop() : follow()));
  addEventListener("pagehide", stop);
  addEventListener("pageshow", follow);
  follow();
});

// Correcting a cell, by Enter, by the button or by leaving it: the row is judged at once, and stays where it is.
each("form.fix", (form) => {
  const row = form.closest("tr");
  const verdict = row.querySelector(".verdict");
  const text = form.querySelector("[name=text]");
  let saved = text.defaultValue; // what the server knows, whatever was typed or restored since
  const save = async () => {
    if (text.value === saved) return;
    const before = saved;
    saved = text.value;
    verdict.textContent = form.dataset.saving;
    let answer;
    try {
      const response = await fetch(form.action + location.search, {
        method: "POST",
        headers: { Accept: "application/json" },
        body: new URLSearchParams(new FormData(form)),
        keepalive: true, // leaving the page at once must not lose it
      });
      answer = await response.json();
    } catch {
      answer = { error: form.dataset.lost };
    }
    if (answer.error) {
      saved = before;
      const words = document.createElement("p");
      words.className = "complaint";
      words.textContent = answer.error;
      verdict.replaceChildren(words);
      return;
    }
    verdict.innerHTML = answer.verdict;
    document.getElementById("overview").outerHTML = answer.overview;
    row.classList.toggle("fixed", answer.fixed);
    each(`form.fix[data-cell="${form.dataset.cell}"] [name=text]`, (other) => {
      if (other !== text) other.value = text.value;
    });
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    save();
  });
  text.addEventListener("change", save);
});

// Asking before what cannot be undone.
each("form[data-confirm]", (form) => {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sure) return;
    event.preventDefault();
    const practice = form.elements.place && form.elements.place.value === "practice";
    const dialog = document.createElement("dialog");
    const words = document.createElement("p");
    words.id = "confirm-words";
    words.textContent = practice ? form.dataset.practice : form.dataset.confirm;
    dialog.setAttribute("aria-labelledby", words.id);
    const where = form.elements.base_url;
    const address = document.createElement("p");
    address.className = "soft";
    address.textContent = where && !practice ? where.value : "";
    const actions = document.createElement("p");
    actions.className = "actions";
    const yes = document.createElement("button");
    yes.className = "primary";
    yes.textContent = form.dataset.yes;
    const no = document.createElement("button");
    no.textContent = form.dataset.no;
    actions.append(yes, no);
    dialog.append(words, address, actions);
    document.body.append(dialog);
    yes.addEventListener("click", () => {
      form.dataset.sure = "yes";
      yes.disabled = true;
      dialog.close();
      form.requestSubmit();
    });
    no.addEventListener("click", () => dialog.close());
    dialog.addEventListener("close", () => dialog.remove());
    dialog.showModal();
    no.focus();
  });
});

// Where the contacts go: what the practice copy does not need is not asked.
each("form input[name=place]", (input) => {
  const show = () => {
    const practice = input.form.elements.place.value === "practice";
    input.form.querySelector(".real").hidden = practice;
  };
  input.addEventListener("change", show);
  show();
});

// Which required field is still missing, as the choices change.
each("form.mapping", (form) => {
  const show = () => {
    const picked = new Set([...form.querySelectorAll("select[name^=column-]")].map((select) => select.value));
    const gaps = [...form.querySelectorAll("[data-gap]")];
    for (const gap of gaps) gap.hidden = picked.has(gap.dataset.gap);
    const section = form.querySelector("section.notice");
    if (section) section.hidden = gaps.length > 0 && gaps.every((gap) => gap.hidden);
  };
  form.addEventListener("change", show);
});

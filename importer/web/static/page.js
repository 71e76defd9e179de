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
    if (event.dataTransfer.files[0]) {
      input.files = event.dataTransfer.files;
      choose();
    }
  });
  // A file that is chosen is uploaded at once, if it is clear where its contacts go.
  const choose = () => {
    form.querySelector(".chosen").textContent = input.files[0] ? input.files[0].name : "";
    complaint.textContent = "";
    if (input.files[0] && form.kind.value) form.requestSubmit();
  };
  input.addEventListener("change", choose);
  const tellOthers = () => each("[name=kind][type=hidden]", (other) => (other.value = form.kind.value || other.value));
  form.kind.addEventListener("change", tellOthers);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const file = input.files[0];
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
      if (source.readyState !== EventSource.CLOSED) return; // the browser tries again by itself
      stop();
      setTimeout(follow, 2000);
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

// Asking before what cannot be undone: of a whole form (data-confirm), or of one of its buttons (data-ask). A button
// with data-into asks for a text, which goes into the field of that name.
const ask = ({ words, yes, no, value }) =>
  new Promise((resolve) => {
    const dialog = document.createElement("dialog");
    const label = document.createElement(value === undefined ? "p" : "label");
    label.id = "ask-words";
    label.textContent = words;
    dialog.setAttribute("aria-labelledby", label.id);
    const box = document.createElement("form");
    box.method = "dialog";
    box.append(label);
    const text = document.createElement("input");
    if (value !== undefined) {
      text.value = value;
      text.required = true;
      text.maxLength = 80;
      label.append(text);
    }
    const actions = document.createElement("p");
    actions.className = "actions";
    const decline = document.createElement("button");
    decline.type = "button";
    decline.textContent = no;
    const accept = document.createElement("button");
    accept.className = "primary";
    accept.textContent = yes;
    actions.append(decline, accept);
    box.append(actions);
    dialog.append(box);
    document.body.append(dialog);
    box.addEventListener("submit", () => resolve(text.value || "yes"));
    decline.addEventListener("click", () => dialog.close());
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve("");
    });
    dialog.showModal();
    if (value === undefined) decline.focus();
    else text.select();
  });
each("form", (form) => {
  form.addEventListener("submit", async (event) => {
    const button = event.submitter;
    const source = button && button.dataset.ask ? button : form;
    const words = source.dataset.ask || source.dataset.confirm;
    const condition = source.dataset.askIf;
    if (!words || form.dataset.sure || (condition && !form.elements[condition].checked)) return;
    event.preventDefault();
    const { yes, no, value, into } = source.dataset;
    const answer = await ask({ words, yes, no, value });
    if (!answer) return;
    if (into) form.elements[into].value = answer;
    form.dataset.sure = "yes";
    form.requestSubmit(button || undefined);
    delete form.dataset.sure;
  });
});

// What another window has changed is said at once: asked for while this one is looked at.
each("[data-watch]", (notice) => {
  const look = async () => {
    if (document.hidden || !notice.hidden) return;
    try {
      const answer = await fetch(notice.dataset.watch, { headers: { Accept: "application/json" } });
      if (answer.ok) notice.hidden = (await answer.json()).state === notice.dataset.state;
    } catch {
      // the program is not running; the next look may find it
    }
  };
  document.addEventListener("visibilitychange", look);
  setInterval(look, 3000);
});

// One choice for all rows of a table.
each("select[data-all]", (all) => {
  all.addEventListener("change", () => {
    for (const select of all.form.querySelectorAll("select[name^=state-]")) select.value = all.value;
  });
});

// The import: the server checks address and key, and sends what there is to confirm.
each("form[data-confirm-by]", (form) => {
  const status = form.querySelector(".status");
  const complaint = form.querySelector(".complaint");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    status.textContent = form.dataset.confirmBy;
    complaint.textContent = "";
    event.submitter.disabled = true;
    let answer;
    try {
      const body = new URLSearchParams(new FormData(form));
      const response = await fetch(form.action, { method: "POST", headers: { Accept: "application/json" }, body });
      answer = await response.json();
    } catch {
      answer = { error: form.dataset.lost };
    }
    status.textContent = "";
    event.submitter.disabled = false;
    if (answer.location) return location.assign(answer.location);
    if (!answer.dialog) {
      complaint.textContent = answer.error;
      return complaint.scrollIntoView({ block: "center" });
    }
    const dialog = document.createElement("dialog");
    dialog.innerHTML = answer.dialog;
    dialog.setAttribute("aria-labelledby", "confirm-title");
    document.body.append(dialog);
    const close = dialog.querySelector("[data-close]");
    close.addEventListener("click", (clicked) => {
      clicked.preventDefault();
      dialog.close();
    });
    dialog.querySelector("form").addEventListener("submit", () => (dialog.querySelector(".primary").disabled = true));
    dialog.addEventListener("close", () => dialog.remove());
    dialog.showModal();
    close.focus();
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

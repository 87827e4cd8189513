"use strict";
// The light table by keyboard, and decisions that leave everything where it is.
(() => {
  const form = document.getElementById("deciding");
  const filter = document.getElementById("filter");
  if (filter) {
    filter.addEventListener("change", () => filter.requestSubmit());
    filter.querySelector(".apply").hidden = true;
  }

  // A run is under way: when what it makes is there, somebody is told, and nothing moves by itself.
  const head = document.querySelector(".head[data-watch]");
  if (head) {
    let ran = Boolean(document.getElementById("running"));
    let tries = 0;
    const look = async () => {
      if (document.visibilityState === "visible") {
        tries += 1;
        const got = await fetch(head.dataset.standing, { headers: { accept: "application/json" } }).catch(() => null);
        const said = got?.ok ? await got.json() : null;
        if (said?.standing === "running") ran = true;
        else if (said && (ran || said.mark !== head.dataset.mark)) return Kampanj.tell("The run has ended. Load the page again to see what it made.", true);
      }
      if (ran || tries < 20) setTimeout(look, ran ? 4000 : 1500);
    };
    setTimeout(look, 1500);
  }

  if (!form) return;
  const cells = [...form.querySelectorAll(".cell")];
  const picked = document.getElementById("picked");
  const rejecting = document.getElementById("rejecting");
  const links = cells.map((one) => one.querySelector("a.mat"));
  const boxOf = (cell) => cell.querySelector("input");
  const chosen = () => cells.filter((one) => boxOf(one).checked);
  let last = 0;

  // How many rows a market will have that was not laid out yet: as the grid fills them, in which a
  // banner takes two columns and what is narrow fills the holes.
  const markets = [...form.querySelectorAll(".market")];
  const rowsOf = (grid, columns) => {
    const rows = [];
    for (const cell of grid.children) {
      const wide = cell.classList.contains("wide");
      for (let at = 0, put = false; !put; at += 1) {
        const free = (rows[at] ??= new Array(columns).fill(true));
        const from = free.findIndex((one, column) => one && (!wide || columns < 2 || free[column + 1]));
        if (from < 0) continue;
        free.fill(false, from, from + (wide ? 2 : 1));
        put = true;
      }
    }
    return rows.length;
  };
  let columns = 0;
  const measure = () => {
    const now = getComputedStyle(form.querySelector(".grid")).gridTemplateColumns.split(" ").length;
    if (now === columns) return;
    columns = now;
    for (const market of markets) {
      const grids = [...market.querySelectorAll(".grid")];
      market.style.setProperty("--grids", grids.length);
      market.style.setProperty("--rows", grids.reduce((sum, one) => sum + rowsOf(one, columns), 0));
    }
  };
  if (markets.length) new ResizeObserver(measure).observe(form);

  // What is accepted is withdrawn, and all else is rejected: each button says of how many.
  const fits = (verdict) => (cell) => verdict === "accepted" || cell.classList.contains("accepted") === (verdict === "withdrawn");
  const verdicts = [...(rejecting?.querySelectorAll("button[data-verb]") ?? [])];
  const count = () => {
    const some = chosen();
    picked.textContent = some.length ? `${some.length.toLocaleString("en")} picked` : "";
    form.classList.toggle("picking", some.length > 0);
    for (const button of verdicts) {
      const many = some.filter(fits(button.value)).length;
      button.hidden = many === 0;
      button.textContent = `${button.dataset.verb} ${many.toLocaleString("en")}`;
    }
    if (!verdicts.length) return;
    // What was out is made again only where somebody says so on purpose: by rejecting it.
    const rejects = some.some(fits("rejected"));
    for (const one of ["redoing", "redoer"]) document.getElementById(one).hidden = !rejects;
    rejecting.querySelector("summary").textContent = rejects ? "Reject …" : "Withdraw …";
  };
  form.addEventListener("change", count);
  count();

  const current = () => {
    const at = document.activeElement?.closest?.(".cell");
    return at ? cells.indexOf(at) : -1;
  };
  form.addEventListener("focusin", () => { const at = current(); if (at >= 0) last = at; });
  const go = (at) => {
    const to = Math.max(0, Math.min(cells.length - 1, at));
    links[to].focus();
    links[to].scrollIntoView({ block: "nearest" });
  };
  const step = (by) => () => { const at = current(); go(at < 0 ? last : at + by); };
  // The row above or below: the nearest one that begins higher or lower.
  const row = (sign) => () => {
    const at = current();
    if (at < 0) return go(last);
    const from = cells[at].getBoundingClientRect();
    for (let to = at + sign, best = -1, top = null, gap = Infinity; ; to += sign) {
      const one = cells[to];
      const box = one?.getBoundingClientRect();
      if (!one || (top !== null && Math.abs(box.top - top) > 4)) return go(best < 0 ? at : best);
      if (Math.abs(box.top - from.top) <= 4) continue;
      top ??= box.top;
      const far = Math.abs(box.left - from.left);
      if (far < gap) { gap = far; best = to; }
    }
  };

  const pick = () => {
    const at = current();
    if (at < 0) return false;
    const box = boxOf(cells[at]);
    box.checked = !box.checked;
    count();
  };

  // What is acted on: what is picked, or else the one in focus.
  const meant = () => {
    const some = chosen();
    const at = current();
    return some.length ? some : cells[at < 0 ? last : at] ? [cells[at < 0 ? last : at]] : [];
  };

  const tab = (state) => document.querySelector(`[data-count="${state}"]`);
  const tally = (state, by) => {
    const one = tab(state);
    if (!one) return;
    const many = Number(one.dataset.many) + by;
    one.dataset.many = many;
    one.textContent = many.toLocaleString("en");
    if (many) one.closest("a").hidden = false;
  };
  const show = (cell, state) => {
    tally([...cell.classList].find((one) => tab(one)), -1);
    tally(state, 1);
    for (const one of ["waiting", "accepted", "rejected", "withdrawn", "blocked"]) cell.classList.toggle(one, one === state);
    const chip = cell.querySelector(".chip");
    chip.className = `chip ${state}`;
    chip.textContent = state;
    boxOf(cell).checked = false;
  };

  let turn = Promise.resolve();
  const decide = (verdict, those) => {
    const some = those.filter(fits(verdict));
    if (!some.length) return Kampanj.tell("Pick a picture first, or go to one.");
    const looked = Kampanj.time();
    const why = Object.fromEntries(["code", "note", "redo"].map((one) => [one, form.elements[one]?.value ?? ""]));
    if (verdict !== "rejected") why.redo = "";
    if (verdict !== "accepted" && !why.code) {
      Kampanj.tell("Say why first.");
      return reject();
    }
    // One after the other: each form decides once, and brings the next one along.
    turn = turn.then(() => send(verdict, some, why, looked));
    if (verdict !== "accepted") {
      rejecting.open = false;
      for (const one of Object.keys(why)) form.elements[one].value = "";
    }
    const at = cells.indexOf(some[some.length - 1]);
    if (some.length === 1) go(at + 1);
  };

  const send = async (verdict, some, { code, note, redo }, looked) => {
    const body = new URLSearchParams({ verdict, code, note, redo, looked });
    body.set("nonce", form.elements.nonce.value);
    body.set("token", form.elements.token.value);
    for (const one of some) body.append("seen", boxOf(one).value);
    let answer;
    let status = 0;
    try {
      const got = await fetch(form.action, { method: "POST", body, headers: { accept: "application/json" } });
      status = got.status;
      answer = await got.json();
    } catch {
      return Kampanj.tell("Nobody answered. Load the page again to see whether it was decided.");
    }
    Kampanj.tell(answer.told, status !== 200);
    if (status !== 200) {
      // Nothing was decided, so what was written is there again, unless something else is by now.
      const fields = Object.entries({ code, note, redo });
      if (verdict !== "accepted" && fields.every(([one]) => !form.elements[one].value)) {
        for (const [one, value] of fields) form.elements[one].value = value;
        rejecting.open = true;
      }
      return;
    }
    form.elements.nonce.value = answer.seal.nonce;
    form.elements.token.value = answer.seal.token;
    for (const one of some) if (answer.states[one.dataset.name]) show(one, answer.states[one.dataset.name]);
    for (const all of document.querySelectorAll("a.all")) {
      const of = all.dataset.of.split(" ");
      const many = cells.filter((one) => of.some((state) => one.classList.contains(state))).length;
      all.hidden = many === 0;
      all.textContent = `${all.dataset.verb} all ${many.toLocaleString("en")} …`;
    }
    count();
    follow(answer);
  };

  // What is next stands at the top, and is said where one is when nothing waits any more.
  const next = document.getElementById("next");
  const follow = ({ told, counts, due }) => {
    const left = counts.waiting ?? 0;
    if (next) {
      // It comes in above: what one looks at stays where it is.
      const seen = cells[last];
      const before = seen.getBoundingClientRect().top;
      next.hidden = !due;
      scrollBy({ top: seen.getBoundingClientRect().top - before, behavior: "instant" });
      next.querySelector("[data-due]").textContent = due;
      next.querySelector("[data-left]").textContent = left ? `${left.toLocaleString("en")} ${left === 1 ? "waits" : "wait"} for somebody.` : "Nothing waits any more.";
      next.querySelector("button")?.classList.toggle("main", left === 0);
    }
    if (next && due && left === 0) Kampanj.tell(`${told} Nothing waits any more: what is next stands at the top.`, true);
  };

  const reject = () => {
    if (!rejecting) return;
    const [one] = meant();
    if (!one) return Kampanj.tell("Pick a picture first, or go to one.");
    // What asks for the reason is shown with what is picked: the one in focus is picked by this.
    if (!chosen().length) boxOf(one).checked = true;
    count();
    rejecting.open = true;
    form.elements.code.focus();
  };
  form.addEventListener("submit", (event) => {
    const verdict = event.submitter?.value;
    if (!verdict) return;
    event.preventDefault();
    decide(verdict, meant());
  });
  rejecting?.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    rejecting.open = false;
    go(last);
  });

  for (const [key, act] of Object.entries({
    j: step(1), k: step(-1), ArrowRight: step(1), ArrowLeft: step(-1), ArrowDown: row(1), ArrowUp: row(-1),
    x: pick, a: () => decide("accepted", meant()), r: reject,
    "/": () => filter?.querySelector("select")?.focus(),
  })) Kampanj.keys.set(key, act);

  // Coming back from a large picture, one is where one was.
  const from = sessionStorage.getItem("kampanj-at");
  const was = from ? cells.findIndex((one) => one.dataset.name === from) : -1;
  if (was >= 0) {
    last = was;
    links[was].focus({ preventScroll: true });
    links[was].scrollIntoView({ block: "center" });
  }
  sessionStorage.removeItem("kampanj-at");
})();

"use strict";
// What every page has: messages, keys, and how long somebody looked. All of it works without.
const Kampanj = (() => {
  document.documentElement.classList.add("js");
  const told = document.getElementById("told");
  const dialog = document.getElementById("keys");
  const keys = new Map();
  const OFF = "kampanj-keys";

  const tell = (text, stays = false) => {
    told.classList.remove("over");
    told.textContent = text;
    void told.offsetWidth;
    told.classList.toggle("over", !stays);
  };

  // Letters that act by themselves get in the way of those who speak to their machine.
  const on = () => localStorage.getItem(OFF) !== "off";
  for (const box of document.querySelectorAll("#keys-on")) {
    box.checked = on();
    box.addEventListener("change", () => localStorage.setItem(OFF, box.checked ? "on" : "off"));
  }

  const help = () => dialog && !dialog.open && dialog.showModal();
  const link = document.getElementById("keys-link");
  if (link && dialog) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      help();
    });
  }
  keys.set("?", help);

  const typing = (one) => one.closest("input:not([type=checkbox], [type=radio], [type=range]), textarea, select, [contenteditable]");
  addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (typing(event.target) || document.querySelector("dialog[open]")) return;
    const act = keys.get(event.key);
    if (!act || (event.key.length === 1 && !on())) return;
    if (act(event) !== false) event.preventDefault();
  });

  // How long the page was in sight, and somebody at it: a minute without a sign of them ends it.
  const IDLE = 60_000;
  let looked = 0;
  let since = performance.now();
  let sign = since;
  const count = () => {
    const now = performance.now();
    if (document.visibilityState === "visible") looked += Math.max(0, Math.min(now, sign + IDLE) - since);
    since = now;
  };
  for (const name of ["keydown", "pointermove", "pointerdown", "scroll", "focus"]) {
    addEventListener(name, () => { count(); sign = performance.now(); }, { passive: true });
  }
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") since = sign = performance.now();
    else { const now = performance.now(); looked += Math.max(0, Math.min(now, sign + IDLE) - since); since = now; }
  });
  const time = () => {
    count();
    const whole = Math.round(looked);
    looked = 0;
    return whole;
  };

  addEventListener("submit", (event) => {
    const field = event.target.elements?.looked;
    if (field && !event.defaultPrevented) field.value = time();
  });

  if (told.textContent) {
    told.classList.add("over");
    // It was said once; it must not be said again when the page is loaded anew.
    const here = new URL(location.href);
    here.searchParams.delete("told");
    here.searchParams.delete("went");
    history.replaceState(null, "", here);
  }
  return { tell, keys, time };
})();

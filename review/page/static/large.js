"use strict";
// One rendition by keyboard; everything here is also a link, a box or a button.
(() => {
  const desk = document.querySelector(".desk");
  const form = document.getElementById("deciding");
  const rejecting = document.getElementById("rejecting");
  const cut = document.getElementById("cut");
  const click = (selector) => () => document.querySelector(selector)?.click();
  const flip = (id) => () => document.getElementById(id)?.click();

  // The table finds its way back to where one was.
  sessionStorage.setItem("kampanj-at", desk.dataset.name);

  // The next picture is on its way while one still looks at this one.
  const next = document.querySelector("a[rel=next]");
  if (next) addEventListener("load", () => { new Image().src = next.dataset.picture; });

  if (cut) {
    cut.closest("label").hidden = false;
    const slide = () => {
      desk.classList.toggle("sliding", Number(cut.value) > 0);
      desk.style.setProperty("--cut", `${cut.value}%`);
    };
    cut.addEventListener("input", slide);
    slide();
  }

  const reject = () => {
    if (!rejecting) return;
    rejecting.open = true;
    form.elements.code.focus();
  };
  rejecting?.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.preventDefault();
    rejecting.open = false;
    rejecting.querySelector("summary").focus();
  });
  form?.addEventListener("submit", (event) => {
    if (event.submitter?.value !== "accepted" && !form.elements.code?.value) {
      event.preventDefault();
      reject();
      Kampanj.tell("Say why first.");
    }
  });

  for (const [key, act] of Object.entries({
    j: click("a[rel=next]"), ArrowRight: click("a[rel=next]"), k: click("a[rel=prev]"), ArrowLeft: click("a[rel=prev]"),
    a: click("#deciding > button[value=accepted]"), r: reject, Escape: click("#back"),
    s: flip("show-safe"), l: flip("show-areas"), v: flip("show-before"), b: flip("show-both"),
  })) Kampanj.keys.set(key, act);
})();

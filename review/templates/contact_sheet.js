"use strict";
// Shows and hides; it never writes HTML. The page is whole without it.
(() => {
  const form = document.getElementById("filter");
  const cells = [...document.querySelectorAll(".cell")];
  const groups = [...document.querySelectorAll(".locale"), ...document.querySelectorAll(".market")];
  const selects = [...form.querySelectorAll("select")];
  const told = document.getElementById("shown");
  const none = document.getElementById("none");
  const table = document.getElementById("table");

  const show = () => {
    const wanted = selects.filter((one) => one.value !== "");
    let shown = 0;
    for (const cell of cells) {
      const fits = wanted.every((one) => cell.dataset[one.name] === one.value);
      cell.hidden = !fits;
      shown += fits;
    }
    for (const group of groups) group.hidden = !group.querySelector(".cell:not([hidden])");
    for (const one of selects) one.classList.toggle("set", one.value !== "");
    form.querySelector("button").disabled = wanted.length === 0;
    told.textContent = `${shown.toLocaleString("en")} of ${cells.length.toLocaleString("en")}`;
    none.hidden = shown > 0;
    // One placement, or one fault, across all markets is compared side by side.
    table.classList.toggle("flat", wanted.some((one) => one.name !== "market"));
    // The choice stays in the address, so that a filtered view can be sent to somebody.
    const chosen = new URLSearchParams(wanted.map((one) => [one.name, one.value]));
    history.replaceState(null, "", `#${chosen}`);
  };

  const read = () => {
    const chosen = new URLSearchParams(location.hash.slice(1));
    for (const one of selects) {
      const value = chosen.get(one.name) ?? "";
      one.value = [...one.options].some((option) => option.value === value) ? value : "";
    }
    show();
  };

  form.addEventListener("input", show);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(show));
  addEventListener("hashchange", read);
  form.hidden = false;
  read();
})();

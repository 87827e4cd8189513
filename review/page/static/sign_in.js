"use strict";
// The code stands behind the # of the address, which browsers send to nobody: it goes by a form.
(() => {
  const form = document.getElementById("by-code");
  const enter = () => {
    const code = location.hash.slice(1);
    if (!form || !code) return;
    history.replaceState(null, "", location.pathname + location.search);
    form.elements.code.value = code;
    form.requestSubmit();
  };
  // Whoever has this page open already, and enters the address there, loads nothing anew.
  addEventListener("hashchange", enter);
  enter();
})();

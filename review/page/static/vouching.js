"use strict";
// The code works once, and its address must not stay in the browser's history.
(() => {
  history.replaceState(null, "", location.pathname);
  document.getElementById("vouching").requestSubmit();
})();

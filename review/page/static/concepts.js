"use strict";
// Says how many are still to be picked; the server counts too.
(() => {
  const form = document.getElementById("choice");
  const wanted = Number(form?.dataset.wanted);
  const button = form?.querySelector("button");
  if (!button || wanted === 1) return;
  const boxes = [...form.querySelectorAll("input[name=seen]")];
  const said = button.textContent;
  const show = () => {
    const many = boxes.filter((one) => one.checked).length;
    button.textContent = many === wanted ? said : `${said} (${many} of ${wanted} picked)`;
  };
  form.addEventListener("change", show);
  form.addEventListener("submit", (event) => {
    const many = boxes.filter((one) => one.checked).length;
    if (many === wanted) return;
    event.preventDefault();
    Kampanj.tell(`The brief asks for ${wanted}; ${many} are picked.`);
  });
  show();
})();

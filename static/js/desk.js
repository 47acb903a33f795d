// At the desk a number key chooses an answer and leads on to the reason; nothing is decided before Enter.
import { keysAreOn, offerKeys } from "./keys.js";

const form = document.querySelector("[data-decide]");

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || !keysAreOn()) return;
  if (!/^[1-9]$/.test(event.key) || event.target.closest("input:not([type=radio], [type=checkbox]), select, textarea")) return;
  const choice = form.querySelectorAll("[name=label]")[Number(event.key) - 1];
  if (!choice) return;
  event.preventDefault();
  choice.checked = true;
  form.querySelector("[name=reason]").focus();
});

offerKeys(form);

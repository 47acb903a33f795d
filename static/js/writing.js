// Writing a challenge: what is not saved yet is said, and the worked example follows what is typed.
import { parse, partial, Trouble } from "./partials.js";

const form = document.querySelector("[data-writing]");
const WAIT = 350;

document.querySelector(".writing-steps [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });

if (form) {
  const saved = document.querySelector("[data-saved]");
  const words = saved.querySelector("[data-saved-words]");
  let isDirty = form.hasAttribute("data-unsaved");

  const show = () => {
    if (!isDirty) return;
    saved.classList.add("is-dirty");
    words.textContent = "Not saved yet";
  };
  form.addEventListener("input", () => {
    isDirty = true;
    show();
  });
  form.addEventListener("submit", () => {
    isDirty = false;
  });
  window.addEventListener("beforeunload", (event) => {
    if (isDirty) event.preventDefault();
  });
  show();
  follow();
}

function follow() {
  const button = form.querySelector("[data-recalculate]");
  if (!button) return;
  let timer;
  let turn = 0;
  const work = async () => {
    const mine = (turn += 1);
    const old = form.querySelector("[data-example]");
    const body = new FormData(form);
    body.set("then", "example");
    old.setAttribute("aria-busy", "true");
    try {
      const fresh = parse(await partial(form.action, { method: "POST", body }));
      if (mine === turn && fresh) form.querySelector("[data-example]").replaceWith(fresh);
    } catch (error) {
      if (!(error instanceof Trouble)) throw error;
    } finally {
      form.querySelector("[data-example]").removeAttribute("aria-busy");
    }
  };
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(work, WAIT);
  });
  button.addEventListener("click", (event) => {
    event.preventDefault();
    clearTimeout(timer);
    work();
  });
}

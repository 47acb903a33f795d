// A file that is too large is told before it is sent, and a form is sent once.
function sizeOf(bytes) {
  return `${Math.ceil(bytes / 1e6)} MB`;
}

function check(input) {
  const most = Number(input.dataset.most);
  const file = input.files[0];
  const fault = file && file.size > most ? `That file has ${sizeOf(file.size)}; ${sizeOf(most)} is the most. Nothing was sent.` : "";
  input.form.querySelector("[data-fault]").textContent = fault;
  input.toggleAttribute("aria-invalid", false);
  if (fault) input.setAttribute("aria-invalid", "true");
  return !fault;
}

for (const form of document.querySelectorAll("form[data-upload]")) {
  const input = form.querySelector("input[type=file]");
  const button = form.querySelector("button");
  input.addEventListener("change", () => check(input));
  form.addEventListener("submit", (event) => {
    if (!check(input) || button.getAttribute("aria-busy") === "true") {
      event.preventDefault();
      if (!check(input)) input.focus();
      return;
    }
    button.setAttribute("aria-busy", "true");
    button.textContent = "Sending the file";
  });
  // Back again from the next page, the form is as it was.
  const words = button.textContent;
  window.addEventListener("pageshow", () => {
    button.removeAttribute("aria-busy");
    button.textContent = words;
  });
}

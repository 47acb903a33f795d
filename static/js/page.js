// On every page: colours by choice, times that stay true, and a menu that closes.
import { refreshTimes } from "./times.js";

const SCHEMES = ["", "light", "dark"];
const NAMES = { "": "system", light: "light", dark: "dark" };

function scheme() {
  return document.documentElement.dataset.theme ?? "";
}

function showScheme(button) {
  button.textContent = `Colours: ${NAMES[scheme()]}`;
}

function setScheme(name) {
  if (name) document.documentElement.dataset.theme = name;
  else delete document.documentElement.dataset.theme;
  document.querySelector('meta[name="color-scheme"]')?.setAttribute("content", name || "light dark");
  // The server reads it, so that the next page is drawn right from its first byte.
  const age = name ? 31536000 : 0;
  const secure = location.protocol === "https:" ? "; secure" : "";
  document.cookie = `theme=${name}; path=/; max-age=${age}; samesite=lax${secure}`;
}

for (const button of document.querySelectorAll("[data-theme-toggle]")) {
  button.hidden = false;
  showScheme(button);
  button.addEventListener("click", () => {
    setScheme(SCHEMES[(SCHEMES.indexOf(scheme()) + 1) % SCHEMES.length]);
    showScheme(button);
  });
}

for (const menu of document.querySelectorAll("details.menu")) {
  document.addEventListener("click", (event) => {
    if (!menu.contains(event.target)) menu.open = false;
  });
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !menu.open) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });
}

refreshTimes();
setInterval(refreshTimes, 30_000);

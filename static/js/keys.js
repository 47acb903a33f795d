// Number keys are single-key shortcuts, so whoever speaks to their computer, or rests a hand on it, can turn them off.
const NAME = "number-keys";

export function keysAreOn() {
  try {
    return localStorage.getItem(NAME) !== "off";
  } catch {
    return true;
  }
}

export function offerKeys(root) {
  const button = root.querySelector("[data-keys-toggle]");
  if (!button) return;
  const draw = () => {
    button.textContent = `Number keys: ${keysAreOn() ? "on" : "off"}`;
  };
  button.hidden = false;
  draw();
  button.onclick = () => {
    try {
      localStorage.setItem(NAME, keysAreOn() ? "off" : "on");
    } catch {
      // Without storage they stay on.
    }
    draw();
  };
}

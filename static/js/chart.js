// Charts that can be read point by point: the nearest one under the pointer, or arrow keys. The tables below say the same.
document.documentElement.dataset.charts = "";

function middle(shape) {
  const box = shape.getBBox();
  return { shape, x: box.x + box.width / 2, y: box.y + box.height / 2 };
}

function nearest(points, x, y) {
  let best = 0;
  const away = (point) => (point.x - x) ** 2 + (point.y - y) ** 2;
  for (let i = 1; i < points.length; i += 1) if (away(points[i]) < away(points[best])) best = i;
  return best;
}

function make(figure) {
  const box = figure.querySelector("[data-chart-box]");
  const svg = box?.querySelector("svg");
  const read = figure.querySelector("[data-chart-read]");
  const points = [...(svg?.querySelectorAll("[data-read]") ?? [])].map(middle).sort((a, b) => a.x - b.x);
  if (!points.length) return;
  let at = -1;

  function show(index) {
    points[at]?.shape.classList.remove("is-near");
    at = index;
    points[at]?.shape.classList.add("is-near");
    read.textContent = points[at]?.shape.dataset.read ?? "";
  }

  function follow(event) {
    const area = svg.getBoundingClientRect();
    const view = svg.viewBox.baseVal;
    const x = ((event.clientX - area.left) / area.width) * view.width;
    const y = ((event.clientY - area.top) / area.height) * view.height;
    const index = nearest(points, x, y);
    if (index !== at) show(index);
  }

  function step(event) {
    const last = points.length - 1;
    const stride = event.shiftKey ? Math.max(1, Math.round(points.length / 10)) : 1;
    const next = { ArrowRight: at + stride, ArrowUp: at + stride, ArrowLeft: at - stride, ArrowDown: at - stride, Home: 0, End: last }[event.key];
    if (event.key === "Escape") show(-1);
    if (next === undefined) return;
    event.preventDefault();
    show(Math.min(Math.max(next, 0), last));
  }

  box.tabIndex = 0;
  box.setAttribute("role", "group");
  read.setAttribute("aria-live", "polite");
  box.addEventListener("pointermove", follow);
  box.addEventListener("pointerdown", follow);
  box.addEventListener("pointerleave", (event) => event.pointerType === "mouse" && document.activeElement !== box && show(-1));
  box.addEventListener("keydown", step);
  box.addEventListener("focus", () => at < 0 && box.matches(":focus-visible") && show(0));
  box.addEventListener("blur", () => show(-1));
}

for (const figure of document.querySelectorAll("[data-chart]")) make(figure);

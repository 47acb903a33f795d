// The map under a pointer: the nearest find is named, a click leads to it, and a cluster of the list is shown on the map.
// Without this script a dot leads to its cluster, as its name does.
import { announce } from "./partials.js";

const NEAR = 22;
const map = document.querySelector("[data-map]");
const svg = map?.querySelector("[data-map-svg]");
const ring = map?.querySelector("[data-map-ring]");
const marked = map?.querySelector("[data-map-marked]");
const read = map?.querySelector("[data-map-read]");
const rest = read ? [...read.childNodes] : [];
let finds;
let asked;
let at = -1;

// What the dots are is fetched once somebody wants to know; the map itself does not wait for it.
function ask() {
  asked ??= fetch(map.dataset.points, { headers: { Accept: "application/json" } })
    .then((answer) => (answer.ok ? answer.json() : Promise.reject(new Error(answer.status))))
    .then((table) => {
      finds = table;
      map.dataset.ready = "";
    })
    .catch(() => announce("The finds could not be fetched. Clusters still open."));
  return asked;
}

function nearest(event) {
  const area = svg.getBoundingClientRect();
  const scale = svg.viewBox.baseVal.width / area.width;
  const x = (event.clientX - area.left) * scale;
  const y = (event.clientY - area.top) * scale;
  let best = -1;
  let least = (NEAR * scale) ** 2;
  for (let i = 0; i < finds.x.length; i += 1) {
    const away = (finds.x[i] - x) ** 2 + (finds.y[i] - y) ** 2;
    if (away < least) [best, least] = [i, away];
  }
  return best;
}

const link = (id) => map.dataset.find.replace(/find$/, encodeURIComponent(id));

function element(name, text, className = "") {
  const made = document.createElement(name);
  made.textContent = text;
  if (className) made.className = className;
  return made;
}

function tell(index) {
  const title = element("a", finds.title[index] || finds.host[index], "map-title");
  title.href = link(finds.id[index]);
  const line = element("p", "", "small quiet");
  const cluster = finds.clusters[finds.cluster[index]];
  for (const words of [finds.host[index], cluster?.name ?? "stands alone", `severity ${finds.severity[index]}`, finds.state[index]]) line.append(element("span", words), " ");
  const name = element("p", "");
  name.append(title);
  read.replaceChildren(name, line);
}

function show(index) {
  if (index === at) return;
  at = index;
  svg.classList.toggle("is-on-find", at >= 0);
  ring.setAttribute("cx", at < 0 ? -99 : finds.x[at]);
  ring.setAttribute("cy", at < 0 ? -99 : finds.y[at]);
  if (at >= 0) tell(at);
}

function highlight(id) {
  const number = finds?.clusters.findIndex((each) => each.id === id) ?? -1;
  let path = "";
  if (number >= 0) for (let i = 0; i < finds.x.length; i += 1) if (finds.cluster[i] === number) path += `M${finds.x[i]} ${finds.y[i]}h0`;
  marked.setAttribute("d", path);
  svg.classList.toggle("is-dim", path !== "");
}

function follow(list) {
  const id = (event) => event.target.closest("[data-cluster]")?.dataset.cluster;
  let wanted;
  const enter = (event) => {
    const next = id(event);
    if (next === wanted) return;
    wanted = next;
    ask().then(() => highlight(wanted));
  };
  const leave = (event) => {
    if (event.relatedTarget?.closest?.("[data-cluster]")) return;
    wanted = undefined;
    highlight(undefined);
  };
  list.addEventListener("pointerover", enter);
  list.addEventListener("focusin", enter);
  list.addEventListener("pointerout", leave);
  list.addEventListener("focusout", leave);
}

if (svg) {
  svg.addEventListener("pointerenter", ask);
  svg.addEventListener("pointermove", (event) => finds && event.pointerType !== "touch" && show(nearest(event)));
  svg.addEventListener("pointerleave", (event) => {
    if (event.pointerType === "touch") return;
    show(-1);
    read.replaceChildren(...rest);
  });
  // A click opens the find; a finger first asks what it is, and then follows the link below the map.
  svg.addEventListener("click", async (event) => {
    if (event.target.closest(".map-names") || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    await ask();
    if (!finds) return;
    const index = nearest(event);
    show(index);
    if (index >= 0 && event.pointerType !== "touch") location.href = link(finds.id[index]);
  });
  for (const list of [document.querySelector(".map-clusters"), ...svg.querySelectorAll(".map-names")]) if (list) follow(list);
  addEventListener("pageshow", (event) => event.persisted && show(-1));
}

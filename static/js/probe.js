// The URL box, the card that answers it, and the list of one's pages. Without this script, forms post and pages reload;
// on a submission's own page the box does so anyway, since the next submission has a page of its own.
import { announce, parse, partial, pause } from "./partials.js";
import { refreshTimes } from "./times.js";

const FIRST_WAIT = 300;
const LONGEST_WAIT = 4000;
const PATIENCE = 12; // polls at the first pace, before it slackens
const GLANCE = 15_000; // between two looks at a page that people are judging
const STEP_WORDS = { fetching: "Fetching the page", reading: "Reading it", asking: "Asking the machine" };

const slot = document.querySelector("[data-card-slot]");
const mine = document.querySelector("[data-mine]");
let following = 0;
let glance = 0;

function isLost(element) {
  return !element || element === document.body || !element.isConnected;
}

function show(card, { takeFocus }) {
  const old = slot.querySelector("[data-card]");
  const held = old?.contains(document.activeElement);
  for (const fold of old?.querySelectorAll("details[open]") ?? []) card.querySelector(`details.${fold.className}`)?.setAttribute("open", "");
  slot.replaceChildren(card);
  refreshTimes(card);
  if (takeFocus || held || isLost(document.activeElement)) card.querySelector("h2").focus({ preventScroll: true });
  if (takeFocus) card.scrollIntoView({ block: "nearest" });
  watch(card);
}

// While people judge the page on show, their answers and the verdict appear as they come.
function watch(card, wait = GLANCE) {
  clearTimeout(glance);
  if (card?.dataset.watch) glance = setTimeout(() => look(card), wait);
}

async function look(card) {
  let next;
  try {
    next = document.hidden ? null : parse(await partial(card.dataset.watch));
  } catch {
    // The next look will tell.
  }
  if (!slot.contains(card)) return;
  const isNews = next?.dataset.card && ["state", "judgements", "watch"].some((what) => next.dataset[what] !== card.dataset[what]);
  if (!isNews || card.contains(document.activeElement.closest?.("form"))) return watch(card);
  show(next, { takeFocus: false });
  if (next.dataset.watch) return;
  announce(next.dataset.summary);
  refreshBalance();
  refreshMine();
}

// The points at the top of the page, as another page would show them.
async function refreshBalance() {
  const shown = document.querySelector(".menu summary .points");
  const page = document.querySelector(".wings a:last-of-type");
  if (!shown || !page) return;
  try {
    const other = new DOMParser().parseFromString(await (await fetch(page.href)).text(), "text/html");
    const now = other.querySelector(".menu summary .points");
    if (now) shown.replaceWith(document.importNode(now, true));
  } catch {
    // The next page shows them.
  }
}

function fault(form, sentence) {
  const input = form.querySelector("input[name=url]");
  form.querySelector("[data-fault]").textContent = sentence;
  if (sentence) {
    input.setAttribute("aria-invalid", "true");
    input.focus();
  } else input.removeAttribute("aria-invalid");
}

// Poll a waiting card until it has an answer. Only the latest one is followed.
async function follow(card) {
  const turn = ++following;
  let wait = FIRST_WAIT;
  for (let polls = 0; card.dataset.poll; polls += 1) {
    await pause(wait);
    if (turn !== following) return;
    if (polls > PATIENCE) wait = Math.min(wait * 1.4, LONGEST_WAIT);
    let next;
    try {
      next = parse(await partial(card.dataset.poll));
    } catch (trouble) {
      if (trouble.status === 404) return announce(trouble.message);
      wait = Math.min(wait * 2, LONGEST_WAIT);
      continue;
    }
    if (turn !== following || !next?.dataset.card) return;
    const isNews = next.dataset.state !== card.dataset.state || next.dataset.step !== card.dataset.step;
    if (!isNews) continue;
    const isAnswer = !next.dataset.poll;
    const typing = document.activeElement?.matches("input[name=url]") && document.activeElement.value !== "";
    show(next, { takeFocus: isAnswer && !typing });
    announce(isAnswer ? next.dataset.summary : (STEP_WORDS[next.dataset.step] ?? next.dataset.summary));
    card = next;
  }
  refreshMine();
}

async function submitProbe(form) {
  const button = form.querySelector("button");
  if (button.getAttribute("aria-busy") === "true") return;
  button.setAttribute("aria-busy", "true");
  fault(form, "");
  try {
    const card = parse(await partial(form.action, { method: "POST", body: new FormData(form) }));
    form.reset();
    form.querySelector("input[name=url]").value = "";
    show(card, { takeFocus: false });
    card.scrollIntoView({ block: "nearest" });
    announce(card.dataset.summary);
    refreshMine();
    follow(card);
  } catch (trouble) {
    fault(form, trouble.message);
  } finally {
    button.removeAttribute("aria-busy");
  }
}

// Commit and withdraw: the answer is the card as it is now.
async function act(form) {
  const button = form.querySelector("button");
  if (button.disabled) return;
  button.disabled = true;
  try {
    const card = parse(await partial(form.action, { method: "POST", body: new FormData(form) }));
    show(card, { takeFocus: true });
    announce(card.dataset.summary);
    refreshMine();
  } catch (trouble) {
    button.disabled = false;
    slot.querySelector(".problem")?.remove();
    if (trouble.html) slot.append(parse(trouble.html));
    announce(trouble.message);
  }
}

// The list below, kept true: soon while something is being read, now and then while people judge.
let timer = 0;

async function refreshMine() {
  if (!mine) return;
  clearTimeout(timer);
  const rows = mine.querySelector("[data-mine-rows]");
  try {
    const html = await partial(mine.dataset.mine);
    if (!rows.contains(document.activeElement)) {
      rows.innerHTML = html;
      refreshTimes(rows);
    }
  } catch {
    // The next round will tell.
  }
  schedule();
}

function schedule() {
  clearTimeout(timer);
  const is = (state) => mine.querySelector(`[data-state="${state}"]`);
  const wait = is("queued") || is("fetching") ? 2_000 : is("in_review") ? 20_000 : 0;
  if (wait) timer = setTimeout(() => (document.hidden ? schedule() : refreshMine()), wait);
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (mine && form.matches("[data-probe]")) {
    event.preventDefault();
    submitProbe(form);
  } else if (slot.contains(form) && form.matches(".action")) {
    event.preventDefault();
    act(form);
  }
});

document.addEventListener("visibilitychange", () => {
  const card = slot.querySelector("[data-watch]");
  if (card && !document.hidden) watch(card, 0);
});

const waiting = slot.querySelector("[data-card][data-poll]");
if (waiting) follow(waiting);
watch(slot.querySelector("[data-watch]"));
if (mine) schedule();

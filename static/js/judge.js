// Judging at the pace of reading: an answer shows the next page at once, and can be taken back for five seconds.
import { announce, parse, partial } from "./partials.js";
import { keysAreOn, offerKeys } from "./keys.js";
import { refreshTimes } from "./times.js";

const UNDO_MILLISECONDS = 5000;

const desk = document.querySelector("[data-judge]");
const slot = desk.querySelector("[data-item-slot]");
const undo = desk.querySelector("[data-undo]");
const price = Number(desk.dataset.price);

let current = slot.querySelector(".item");
let shownAt = performance.now();
let pending = null; // the last answer, not yet sent: { element, body, words, timer }
let spare = null; // the page that was on show when an answer was taken back
let sent = 0;
let isBusy = false;

const number = new Intl.NumberFormat("en-US");
const thin = (value) => number.format(value).replaceAll(",", "\u202f");

function count() {
  const given = sent + (pending ? 1 : 0);
  for (const each of document.querySelectorAll("[data-judged]")) each.textContent = thin(Number(desk.dataset.judgedToday) + given);
  for (const each of document.querySelectorAll("[data-earned]")) each.textContent = thin(Number(desk.dataset.earnedToday) + given * price);
}

function show(item) {
  current = item;
  slot.replaceChildren(item);
  item.querySelector("[data-undo-slot]")?.append(undo);
  refreshTimes(item);
  offerKeys(item);
  pause(item);
  window.scrollTo(0, 0);
  shownAt = performance.now();
  (item.querySelector(".cover > summary") ?? item.querySelector("[data-focus]"))?.focus({ preventScroll: true });
}

// A pause is told as what it is: the answers open when it is over.
let pauseEnds = 0;

function pauseLeft() {
  return Math.ceil((pauseEnds - performance.now()) / 1000);
}

function pause(item) {
  pauseEnds = performance.now() + 1000 * Number(item.dataset.pause ?? 0);
  const words = item.querySelector("[data-pause-words]");
  if (!words) return;
  const buttons = item.querySelectorAll("[data-answers] button[name]");
  const said = words.textContent.replace(/^Take \d+ seconds to read before you answer\. /, "");
  const tick = () => {
    const left = pauseLeft();
    for (const button of buttons) button.disabled = left > 0;
    words.textContent = left > 0 ? `The answers open in ${left} seconds. ${said}` : "The answers are open.";
    if (left > 0 && item.isConnected) setTimeout(tick, 500);
  };
  tick();
}

function body(item, name, value) {
  const data = new FormData(item.querySelector("[data-answers]"));
  data.set(name, value);
  data.set("seconds", ((performance.now() - shownAt) / 1000).toFixed(2));
  return data;
}

// Send what waits. What the server has to say against it is told, and nothing else is lost by it.
async function settle({ leaving = false } = {}) {
  if (!pending) return;
  const answer = pending;
  pending = null;
  clearTimeout(answer.timer);
  undo.hidden = true;
  sent += 1;
  const options = { method: "POST", body: answer.body, keepalive: leaving };
  try {
    await partial(desk.dataset.post, options);
  } catch (trouble) {
    sent -= 1;
    count();
    announce(trouble.message);
    tell(trouble.message);
  }
}

function tell(words) {
  desk.querySelector("[data-told]")?.remove();
  const note = document.createElement("p");
  note.className = "notice judge-note";
  note.dataset.told = "";
  note.textContent = words;
  slot.before(note);
}

async function answer(button) {
  if (isBusy || !current.dataset.item || pauseLeft() > 0) return;
  const other = current.querySelector("[data-other]");
  if (button.value === "other" && !other.value.trim()) {
    other.focus();
    announce("Say in a few words what it is.");
    return;
  }
  isBusy = true;
  const item = current;
  const data = body(item, button.name, button.value);
  const words = button.dataset.words;
  await settle();
  desk.querySelector("[data-told]")?.remove();
  try {
    const beside = encodeURIComponent(item.dataset.item);
    const next = takeSpare() ?? parse(await partial(`${desk.dataset.next}?beside=${beside}`));
    hold(item, data, words);
    show(next);
    if (next.dataset.check !== undefined) await settle({ leaving: true });
    announce(next.dataset.item ? `${words}. Next page.` : `${words}. No more pages for now.`);
  } catch (trouble) {
    tell(trouble.message);
    announce(trouble.message);
  } finally {
    isBusy = false;
    count();
  }
}

function takeSpare() {
  const item = spare;
  spare = null;
  if (!item?.dataset.item || new Date(item.dataset.expires) - Date.now() < 30_000) return null;
  return item;
}

function hold(element, data, words) {
  pending = { element, body: data, words, timer: setTimeout(settle, UNDO_MILLISECONDS) };
  undo.querySelector("[data-undo-words]").textContent = `You said: ${words}`;
  undo.hidden = false;
}

function takeBack() {
  if (!pending || isBusy) return;
  clearTimeout(pending.timer);
  spare = current;
  const { element, words } = pending;
  pending = null;
  undo.hidden = true;
  show(element);
  count();
  announce(`Taken back: ${words}.`);
}

desk.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-answers]") || !event.submitter) return;
  event.preventDefault();
  answer(event.submitter);
});

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || !keysAreOn()) return;
  if (event.target.closest("input, textarea")) return;
  if (event.key === "Enter" && !event.target.closest("button, a, summary")) settle();
  if (!/^[1-9]$/.test(event.key)) return;
  const button = current.querySelectorAll(".answer")[Number(event.key) - 1];
  if (!button) return;
  event.preventDefault();
  answer(button);
});

undo.querySelector("[data-undo-button]").addEventListener("click", takeBack);
window.addEventListener("pagehide", () => settle({ leaving: true }));
current.querySelector("[data-undo-slot]")?.append(undo);
offerKeys(current);
pause(current);

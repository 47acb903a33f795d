// Long work in the background, followed until it ends. Without this script the page reloads itself.
import { announce, parse, partial, pause } from "./partials.js";
import { refreshTimes } from "./times.js";

const FIRST_WAIT = 700;
const LONGEST_WAIT = 5000;

const slot = document.querySelector("[data-task-slot]");

function show(next) {
  const card = slot.querySelector("[data-task]");
  const isEnd = !next.dataset.poll;
  if (!isEnd && next.dataset.state === card.dataset.state) {
    // The same card, a little further: only what moves is changed.
    for (const part of ["h2", "progress", ".task-percent"]) {
      const [old, fresh] = [card.querySelector(part), next.querySelector(part)];
      if (fresh.value !== undefined) old.value = fresh.value;
      if (old.textContent !== fresh.textContent) old.textContent = fresh.textContent;
    }
    return;
  }
  slot.replaceChildren(next);
  refreshTimes(next);
  if (isEnd) {
    next.querySelector("h2").focus({ preventScroll: true });
    announce(next.dataset.summary);
  }
}

async function follow() {
  let wait = FIRST_WAIT;
  for (;;) {
    const card = slot.querySelector("[data-task]");
    if (!card?.dataset.poll) return;
    await pause(document.hidden ? LONGEST_WAIT : wait);
    try {
      show(parse(await partial(card.dataset.poll)));
      wait = Math.min(wait * 1.1, LONGEST_WAIT);
    } catch (trouble) {
      if (trouble.status === 404 || trouble.status === 403) return announce(trouble.message);
      wait = Math.min(wait * 2, LONGEST_WAIT);
    }
  }
}

follow();

// Asking the server for a piece of a page.
const OFFLINE = "We could not reach the server. Nothing was lost; try again in a moment.";

export class Trouble extends Error {
  constructor(status, sentence, html) {
    super(sentence);
    this.status = status;
    this.html = html;
  }
}

// The text of the answer; throws Trouble with a sentence for a person.
export async function partial(url, options = {}) {
  let response;
  let text;
  try {
    response = await fetch(url, { ...options, headers: { "X-Partial": "1", Accept: "text/html" } });
    text = await response.text();
  } catch {
    throw new Trouble(0, OFFLINE, "");
  }
  if (response.ok) return text;
  const sentence = parse(text)?.querySelector("[data-sentence]")?.textContent;
  throw new Trouble(response.status, sentence ?? OFFLINE, text);
}

// The first element of some HTML, not yet in the document.
export function parse(html) {
  const template = document.createElement("template");
  template.innerHTML = html.trim();
  return template.content.firstElementChild;
}

export const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

export function announce(words) {
  const status = document.querySelector("[data-announce]");
  if (status) status.textContent = words;
}

// What every module shares: the page's words, its announcer, its token against forgery.

/** The first element that matches, or null. */
export const one = (selector, within = document) => within.querySelector(selector);

/** All elements that match, as an array. */
export const all = (selector, within = document) => [...within.querySelectorAll(selector)];

export const token = () => one('meta[name=csrf]')?.content ?? '';

/** A sentence rendered (translated) by the server into #words; `{name}` places are filled. */
export function word(key, values = {}) {
  const sentence = one('#words')?.dataset[key] ?? '';
  return sentence.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? '');
}

/** Reads a sentence out to people who use a screen reader. */
export function say(text) {
  const announcer = one('#live');
  announcer.textContent = '';
  requestAnimationFrame(() => {
    announcer.textContent = text;
  });
}

/** Shows a toast. `undo`: an address to POST to, or a function. `tone`: 'red' for a refusal. */
export function toast(text, { undo = null, tone = '' } = {}) {
  window.dispatchEvent(new CustomEvent('toast', { detail: { text, undo, tone } }));
}

/** Sends a form by POST; answers the Response. Never leaves the site. */
export function post(address, fields = {}) {
  return fetch(address, {
    method: 'POST',
    credentials: 'same-origin',
    headers: { 'X-CSRFToken': token(), 'X-Requested-With': 'fetch', Accept: 'application/json' },
    body: new URLSearchParams(fields),
  });
}

/** True while the person types, when single keys must stay what they are. */
export const typing = (target) => Boolean(target.closest?.('input, textarea, select, [contenteditable]'));

// Single keys work only outside fields; "?" lists them; a person may switch them off (WCAG 2.1.4).
import { all, one, typing } from './page.js';

const CHORD_MS = 1200;
let chordSince = 0;

const off = () => document.documentElement.dataset.keys === 'off';

function openPalette(event) {
  event.preventDefault();
  window.dispatchEvent(new Event('palette'));
}

function follow(key) {
  const link = one(`[data-go="${CSS.escape(key)}"]`);
  if (link) window.location.assign(link.href);
}

/** j and k: the next or the last row of the list gets the focus. */
function step(by) {
  const links = all('[data-row] [data-row-link]').filter((link) => link.checkVisibility());
  if (!links.length) return;
  const row = document.activeElement?.closest('[data-row]');
  const now = row ? links.findIndex((link) => row.contains(link)) : -1;
  links[Math.max(0, Math.min(links.length - 1, now + by))].focus();
}

function onRow(selector) {
  const row = document.activeElement?.closest('[data-row]');
  one(selector, row ?? document.createElement('div'))?.click();
}

const SINGLE = {
  '/': openPalette,
  '?': () => window.dispatchEvent(new Event('keys')),
  g: () => {
    chordSince = Date.now();
  },
  j: () => step(1),
  k: () => step(-1),
  x: () => onRow('.cb'),
  o: () => onRow('[data-peek]'),
  c: () => one('[data-create]')?.click(),
};

document.addEventListener('keydown', (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') {
    openPalette(event);
    return;
  }
  const plain = !event.ctrlKey && !event.metaKey && !event.altKey && !event.isComposing;
  if (!plain || off() || typing(event.target) || one('dialog:modal')) return;
  if (Date.now() - chordSince < CHORD_MS && event.key !== 'g') {
    chordSince = 0;
    follow(event.key);
    return;
  }
  SINGLE[event.key]?.(event);
});

window.addEventListener('keys', () => {
  const list = one('#keys');
  if (list && !list.open) list.showModal();
});

document.addEventListener('click', (event) => {
  if (event.target.closest('[data-keys-help]')) window.dispatchEvent(new Event('keys'));
});

// Menus are popovers: the browser opens and closes them, this places them and moves among their lines.
import { all } from './page.js';

const EDGE_PX = 8;

function place(menu, opener) {
  const anchor = opener.getBoundingClientRect();
  const below = anchor.bottom + 4;
  const top = Math.max(EDGE_PX, Math.min(below, window.innerHeight - menu.offsetHeight - EDGE_PX));
  const rightAligned = anchor.left + menu.offsetWidth > window.innerWidth - EDGE_PX;
  const wanted = rightAligned ? anchor.right - menu.offsetWidth : anchor.left;
  menu.style.top = `${top}px`;
  menu.style.left = `${Math.max(EDGE_PX, Math.min(wanted, window.innerWidth - menu.offsetWidth - EDGE_PX))}px`;
}

/** Lines of a menu that can be chosen now. */
export const lines = (menu) => all('a[href], button:not(:disabled)', menu);

/** Opens `menu` beside `opener` and puts the focus on its first line. */
export function openMenu(menu, opener) {
  menu.showPopover();
  place(menu, opener);
  lines(menu)[0]?.focus();
}

document.addEventListener(
  'toggle',
  (event) => {
    const menu = event.target;
    if (!menu.matches?.('.menu[popover]')) return;
    const opener = document.querySelector(`[popovertarget="${CSS.escape(menu.id)}"]`);
    if (!opener) return;
    const opened = event.newState === 'open';
    opener.setAttribute('aria-expanded', String(opened));
    if (!opened) return;
    place(menu, opener);
    lines(menu)[0]?.focus();
  },
  true,
);

document.addEventListener('keydown', (event) => {
  const menu = event.target.closest?.('.menu');
  if (!menu || !['ArrowDown', 'ArrowUp', 'Home', 'End'].includes(event.key)) return;
  event.preventDefault();
  const choices = lines(menu);
  const now = choices.indexOf(document.activeElement);
  const next = { ArrowDown: now + 1, ArrowUp: now - 1, Home: 0, End: choices.length - 1 }[event.key];
  choices[(next + choices.length) % choices.length]?.focus();
});

// A chosen line closes its menu; so does Esc or a click elsewhere in a <details> menu.
document.addEventListener('click', (event) => {
  const line = event.target.closest('.menu[popover] :is(a, button)');
  if (line && !line.hasAttribute('data-stay')) line.closest('.menu').hidePopover();
  all('details.dd[open]').forEach((open) => {
    if (!open.contains(event.target)) open.open = false;
  });
});

document.addEventListener('keydown', (event) => {
  const open = event.key === 'Escape' && event.target.closest?.('details.dd[open]');
  if (!open) return;
  open.open = false;
  open.querySelector('summary').focus();
});

// On a phone the navigation of settings is a row that scrolls: it starts where one is.
const here = document.querySelector('.set-nav [aria-current]');
if (here) here.parentElement.scrollLeft = here.offsetLeft - here.parentElement.clientWidth / 2;

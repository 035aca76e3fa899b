// Lines of a form that are ordered and added: [data-lines] holds a list of [data-line] and a <template> for a new one.
// Their order in the page is the order they are sent in.
import { all, one, say } from './page.js';

function move(row, step) {
  const other = step < 0 ? row.previousElementSibling : row.nextElementSibling;
  if (!other) return;
  row.parentElement.insertBefore(row, step < 0 ? other : other.nextElementSibling);
  row.dispatchEvent(new Event('moved', { bubbles: true }));
}

function add(rows) {
  const list = one('ul', rows);
  list.append(one('template', rows).content.cloneNode(true));
  one('input:not([type=hidden])', list.lastElementChild).focus();
  list.dispatchEvent(new Event('moved', { bubbles: true }));
}

document.addEventListener('click', (event) => {
  const opener = event.target.closest?.('[data-line-up], [data-line-down], [data-line-add]');
  if (!opener) return;
  if (opener.matches('[data-line-add]')) return add(opener.closest('[data-lines]'));
  const row = opener.closest('[data-line]');
  move(row, opener.matches('[data-line-up]') ? -1 : 1);
  opener.focus();
  const position = all('[data-line]', row.parentElement).indexOf(row) + 1;
  say(String(position));
});

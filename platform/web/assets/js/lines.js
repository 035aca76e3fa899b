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

function tell(row) {
  say(String(all('[data-line]', row.parentElement).indexOf(row) + 1));
}

// Dragged by its handle: a row that could always be dragged would not let one select the text of its inputs.
let dragged = null;
document.addEventListener('pointerdown', (event) => {
  const row = event.target.closest?.('[data-line-drag]')?.closest('[data-line]');
  if (row) row.draggable = true;
});
document.addEventListener('dragstart', (event) => {
  dragged = event.target.closest?.('[data-line][draggable=true]') ?? null;
});
document.addEventListener('dragover', (event) => {
  const row = event.target.closest?.('[data-line]');
  if (!dragged || !row || row === dragged || row.parentElement !== dragged.parentElement) return;
  event.preventDefault();
  const box = row.getBoundingClientRect();
  row.parentElement.insertBefore(dragged, event.clientY < box.top + box.height / 2 ? row : row.nextElementSibling);
});
for (const end of ['dragend', 'pointerup', 'drop'])
  document.addEventListener(end, (event) => {
    if (end === 'drop' && dragged) event.preventDefault();
    for (const row of all('[data-line][draggable=true]')) row.draggable = false;
    if (end === 'dragend' && dragged) tell(dragged);
    if (end !== 'pointerup') dragged = null;
  });

// Alt and an arrow move the line that one is in, as on a board.
document.addEventListener('keydown', (event) => {
  const row = event.altKey && /^Arrow(Up|Down)$/.test(event.key) && event.target.closest?.('[data-lines] [data-line]');
  if (!row) return;
  event.preventDefault();
  move(row, event.key === 'ArrowUp' ? -1 : 1);
  event.target.focus();
  tell(row);
});

document.addEventListener('click', (event) => {
  const opener = event.target.closest?.('[data-line-up], [data-line-down], [data-line-add]');
  if (!opener) return;
  if (opener.matches('[data-line-add]')) return add(opener.closest('[data-lines]'));
  const row = opener.closest('[data-line]');
  move(row, opener.matches('[data-line-up]') ? -1 : 1);
  opener.focus();
  tell(row);
});

// A board: drag a card, or Alt+arrows, or its Move menu. The move is shown at once, announced and sent;
// if the server refuses it, the card goes back and the reason is told.
//
// Server: POST card.data-move with stage, before (the next card's id, or empty) and the figures that stand in the
// two columns and the head answers JSON {"text", "undo", "head": figures, "columns": {stage: figures}} with those
// that the move makes of them; figures are {"raw": for the next move, "count", "total" or "text": to be read}.
// 409 and 422 answer {"message"}; {"ask": address} means that the move needs more, asked for in the dialog there.
import Sortable from 'sortablejs';
import htmx from './requests.js';
import { all, one, post, say, toast, word } from './page.js';
import { lines, openMenu } from './menus.js';

const titleOf = (card) => one('.ttl', card).textContent.trim();
const columnOf = (list) => list.closest('.col');
const stageOf = (list) => columnOf(list).dataset.stage;

export function start(board) {
  if (board.dataset.started) return;
  board.dataset.started = 'yes';
  const lists = all('.col-l', board);
  lists.forEach((list) => makeSortable(list));
  board.addEventListener('keydown', (event) => moveByKey(event, lists));
  startMenu(board, lists);
}

function makeSortable(list) {
  let from = null;
  let index = 0;
  Sortable.create(list, {
    group: 'cards',
    animation: 120,
    ghostClass: 'ghost',
    dragClass: 'drag',
    filter: '.mv',
    preventOnFilter: false,
    delay: 180,
    delayOnTouchOnly: true,
    onStart: (event) => {
      from = event.from;
      index = event.oldIndex;
    },
    onEnd: (event) => {
      if (event.to !== from || event.newIndex !== index) settle(event.item, { from, index });
    },
  });
}

function moveTo(card, list, index) {
  const old = { from: card.parentElement, index: [...card.parentElement.children].indexOf(card) };
  if (old.from === list && old.index === index) return;
  put(card, list, index);
  one('.ttl', card).focus();
  settle(card, old);
}

function put(card, list, index) {
  const others = [...list.children].filter((other) => other !== card);
  list.insertBefore(card, others[index] ?? null);
}

function recount(list) {
  one('.cnt', columnOf(list)).textContent = list.children.length;
}

async function settle(card, { from, index }) {
  const list = card.parentElement;
  const former = totalsOf(list.closest('[data-board]'));
  [from, list].forEach(recount);
  const place = { title: titleOf(card), stage: one('h2', columnOf(list)).textContent.trim() };
  const position = [...list.children].indexOf(card) + 1;
  say(word('moved', { ...place, position, count: list.children.length }));
  const board = list.closest('[data-board]');
  const goBack = () => {
    put(card, from, index);
    showTotals(board, former);
  };
  await send(card, list, goBack, { sentence: word('movedTo', place), former, source: columnOf(from) });
}

async function send(card, list, goBack, { sentence, former, source }) {
  const board = list.closest('[data-board]');
  const before = card.nextElementSibling?.dataset.id ?? '';
  let answer;
  try {
    answer = await post(card.dataset.move, {
      stage: stageOf(list),
      before,
      source: former.columns[source.dataset.stage].raw,
      goal: former.columns[stageOf(list)].raw,
      head: former.head.raw,
    });
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    goBack();
    toast(word('offline'), { tone: 'red' });
    return;
  }
  const told = answer.headers.get('Content-Type')?.includes('json') ? await answer.json() : {};
  if (told.ask) {
    goBack();
    htmx.ajax('GET', told.ask, { target: '#dialog-body', source: card });
  } else if (!answer.ok) {
    goBack();
    toast(told.message || word('failed'), { tone: 'red' });
  } else {
    showTotals(board, told);
    toast(told.text || sentence, { undo: told.undo ? () => undo(told.undo, goBack) : null });
  }
}

async function undo(address, goBack) {
  const answer = await post(address);
  if (!answer.ok) {
    toast(word('failed'), { tone: 'red' });
    return;
  }
  goBack();
}

/** The figures of the board as it stands, in the shape of the server's answer. */
function totalsOf(board) {
  const columns = {};
  all('.col', board).forEach((column) => {
    const [count, total] = [one('.cnt', column).textContent, one('.sum', column).textContent];
    columns[column.dataset.stage] = { raw: column.dataset.figures ?? '', count, total };
  });
  const head = one('[data-board-summary]');
  return { head: { raw: head?.dataset.figures ?? '', text: head?.textContent }, columns };
}

function showTotals(board, { head, columns = {} }) {
  const line = one('[data-board-summary]');
  if (head?.text && line) {
    line.textContent = head.text;
    line.dataset.figures = head.raw;
  }
  for (const [stage, { raw, count, total }] of Object.entries(columns)) {
    const column = one(`.col[data-stage="${CSS.escape(stage)}"]`, board);
    if (!column) continue;
    column.dataset.figures = raw;
    one('.cnt', column).textContent = count;
    one('.sum', column).textContent = total;
  }
}

function moveByKey(event, lists) {
  const card = event.target.closest('.board-card');
  if (!card || !event.altKey || !event.key.startsWith('Arrow')) return;
  event.preventDefault();
  const list = card.parentElement;
  const index = [...list.children].indexOf(card);
  const forward = document.dir === 'rtl' ? -1 : 1;
  if (event.key === 'ArrowUp' && index > 0) moveTo(card, list, index - 1);
  if (event.key === 'ArrowDown' && index < list.children.length - 1) moveTo(card, list, index + 1);
  const aside = { ArrowRight: forward, ArrowLeft: -forward }[event.key];
  const next = aside && lists[lists.indexOf(list) + aside];
  if (next) moveTo(card, next, 0);
}

function startMenu(board, lists) {
  const menu = one('[data-board-menu]');
  let card = null;
  board.addEventListener('click', (event) => {
    const opener = event.target.closest('.mv');
    if (!opener) return;
    card = opener.closest('.board-card');
    const now = lists.indexOf(card.parentElement);
    lines(menu).forEach((line, index) => line.setAttribute('aria-checked', String(index === now)));
    openMenu(menu, opener);
  });
  menu.addEventListener('click', (event) => {
    const line = event.target.closest('[data-stage]');
    const list = line && lists.find((each) => stageOf(each) === line.dataset.stage);
    if (!list) return;
    if (menu.matches(':popover-open')) menu.hidePopover();
    moveTo(card, list, 0);
  });
}

document.addEventListener('click', (event) => {
  const chip = event.target.closest('[data-jump]');
  if (!chip) return;
  const column = one(`.col[data-stage="${CSS.escape(chip.dataset.jump)}"]`);
  column?.scrollIntoView({ inline: 'start', block: 'nearest' });
});

// "@" in a composer offers people. The chosen person's id travels in a hidden field, so that the server
// does not guess from a name.
import { all, one } from './page.js';

const ASKED = /(?:^|[\s，。、（])@([\p{L}\p{N}._-]{0,30})$/u;
let last = 0;

function listOf(text) {
  return one('.mentions', text.closest('[data-mention]'));
}

function shut(list) {
  list.hidden = true;
  list.replaceChildren();
}

async function offer(text) {
  const list = listOf(text);
  const asked = text.value.slice(0, text.selectionStart).match(ASKED);
  const turn = (last += 1);
  if (!asked) {
    shut(list);
    return;
  }
  const address = new URL(text.closest('[data-mention]').dataset.mention, window.location.href);
  address.searchParams.set('q', asked[1]);
  const answer = await fetch(address, { credentials: 'same-origin' });
  if (turn !== last || !answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
  list.replaceChildren(...page.body.childNodes);
  const options = all('[role=option]', list);
  list.hidden = options.length === 0;
  mark(list, text, 0);
}

function mark(list, text, place) {
  const options = all('[role=option]', list);
  options.forEach((option, index) => {
    option.id ||= `mention-${index}`;
    option.setAttribute('aria-selected', String(index === place));
  });
  if (options[place]) text.setAttribute('aria-activedescendant', options[place].id);
}

function choose(list, text, option) {
  const before = text.value.slice(0, text.selectionStart).replace(/@[^@]*$/, `@${option.dataset.name} `);
  text.value = before + text.value.slice(text.selectionStart);
  text.setSelectionRange(before.length, before.length);
  const hidden = document.createElement('input');
  Object.assign(hidden, { type: 'hidden', name: 'mentions', value: option.dataset.id });
  text.form.append(hidden);
  shut(list);
  text.removeAttribute('aria-activedescendant');
  text.focus();
}

document.addEventListener('input', (event) => {
  if (event.target.matches('[data-mention] textarea')) offer(event.target);
});

document.addEventListener('keydown', (event) => {
  if (!event.target.matches?.('[data-mention] textarea') || event.isComposing) return;
  const list = listOf(event.target);
  if (list.hidden) return;
  const options = all('[role=option]', list);
  const now = options.findIndex((option) => option.getAttribute('aria-selected') === 'true');
  const moves = { ArrowDown: 1, ArrowUp: -1 };
  if (event.key in moves) mark(list, event.target, (now + moves[event.key] + options.length) % options.length);
  else if (event.key === 'Enter' || event.key === 'Tab') choose(list, event.target, options[now]);
  else if (event.key === 'Escape') shut(list);
  else return;
  event.preventDefault();
});

document.addEventListener('mousedown', (event) => {
  const option = event.target.closest('.mentions [role=option]');
  if (!option) return;
  event.preventDefault();
  choose(option.closest('.mentions'), one('textarea', option.closest('[data-mention]')), option);
});

// A value edited in place.
//
// <div data-inline> holds the value's button (beside [data-inline-shown], where the value is a link of its own)
// and an empty <div data-inline-room>. The button's GET puts a
// form into the room. Enter saves (Ctrl+Enter in a longer text), Esc cancels, and the focus returns to
// the value. When the server answers 422 its form, with the text and the error, takes the room.
import htmx from './requests.js';
import { all, one, say, word } from './page.js';

const FIELDS = 'input:not([type=hidden]), select, textarea';

function show(frame, editing) {
  all('[data-inline-value], [data-inline-shown]', frame).forEach((part) => {
    part.hidden = editing;
  });
  one('[data-inline-room]', frame).hidden = !editing;
}

function cancel(frame) {
  // A form that the browser sent by itself came back as a page of its own.
  if (!one('[data-inline-value]', frame)) {
    window.history.back();
    return;
  }
  one('[data-inline-room]', frame).replaceChildren();
  show(frame, false);
  one('[data-inline-value]', frame).focus();
}

document.addEventListener('htmx:beforeSwap', (event) => {
  const form = event.detail.requestConfig?.elt?.closest?.('[data-inline-form]');
  if (!form || event.detail.xhr.status !== 422) return;
  event.detail.target = one('[data-inline-room]', form.closest('[data-inline]'));
  event.detail.swapOverride = 'innerHTML';
});

document.addEventListener('htmx:afterSwap', (event) => {
  const { target } = event.detail;
  if (!target.matches?.('[data-inline-room]')) return;
  show(target.closest('[data-inline]'), true);
  const field = one(FIELDS, target);
  field?.focus();
  field?.select?.();
});

htmx.onLoad((part) => {
  // A saved value comes as a new frame that asks for the focus.
  if (!part.matches?.('[data-inline][data-saved]')) return;
  one('[data-inline-value]', part).focus();
  say(word('saved'));
});

document.addEventListener('keydown', (event) => {
  const form = event.target.closest('[data-inline-form]');
  if (!form || event.isComposing) return;
  if (event.key === 'Escape') {
    event.preventDefault();
    cancel(form.closest('[data-inline]'));
  } else if (event.key === 'Enter' && savesWithEnter(event)) {
    event.preventDefault();
    form.requestSubmit();
  }
});

function savesWithEnter(event) {
  if (event.target.matches('button')) return false;
  return !event.target.matches('textarea') || event.ctrlKey || event.metaKey;
}

document.addEventListener('click', (event) => {
  const button = event.target.closest('[data-inline-cancel]');
  if (button) cancel(button.closest('[data-inline]'));
});

// The dialog for short forms, and the panel that shows a record beside its list. Both are filled by htmx:
// hx-target="#dialog-body" or "#peek-body"; what was swapped in opens them.
import { one } from './page.js';

let opener = null;

document.addEventListener('htmx:beforeRequest', (event) => {
  const into = event.detail.target?.id;
  if (into === 'dialog-body' || into === 'peek-body') opener ??= event.detail.elt;
});

document.addEventListener('htmx:afterSwap', (event) => {
  const frame = event.detail.target.closest?.('#dialog, #peek');
  if (!frame || !frame.isConnected) return;
  const heading = one('[data-title]', frame);
  if (heading) frame.setAttribute('aria-label', heading.textContent.trim());
  if (!frame.open) {
    if (frame.id === 'dialog') frame.showModal();
    else frame.show();
  }
  one('[autofocus], input:not([type=hidden]), select, textarea', frame)?.focus();
});

function shut(frame) {
  frame.close();
  one('#dialog-body, #peek-body', frame).replaceChildren();
  const back = opener;
  opener = null;
  if (back?.isConnected) back.focus();
}

document.addEventListener('click', (event) => {
  const button = event.target.closest('[data-close]');
  if (button) shut(button.closest('dialog'));
});

document.addEventListener('keydown', (event) => {
  if (event.key !== 'Escape') return;
  const peek = one('#peek');
  if (peek?.open && !event.target.closest('[data-inline-form], .menu, dialog:modal')) shut(peek);
});

document.addEventListener('cancel', (event) => {
  if (event.target.id !== 'dialog') return;
  event.preventDefault();
  shut(event.target);
}, true);

// The server closes the dialog after its form was saved: HX-Trigger: {"dialog-done": true}.
document.addEventListener('dialog-done', () => {
  const dialog = one('#dialog');
  if (dialog?.open) shut(dialog);
});

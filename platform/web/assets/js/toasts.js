// Toasts: eight seconds each, waiting while the pointer or the focus is on them.
import htmx from './requests.js';
import { all, toast, word } from './page.js';

const LIFE_MS = 8000;

export function toasts() {
  const clocks = new Map();
  let last = 0;
  return {
    items: [],

    init() {
      window.addEventListener('toast', (event) => this.push(event.detail));
      // Messages that the server left for this page.
      all('[data-message]').forEach((line) => this.push(line.dataset));
    },

    push({ text, undo = null, tone = '' }) {
      last += 1;
      this.items.push({ id: last, text, undo, mayUndo: Boolean(undo), tone: tone ? `t-${tone}` : '' });
      this.start(last, LIFE_MS);
    },

    start(id, left) {
      const clock = { left, since: Date.now(), timer: setTimeout(() => this.drop(id), left) };
      clocks.set(id, clock);
    },

    hold(item) {
      const clock = clocks.get(item.id);
      if (!clock) return;
      clearTimeout(clock.timer);
      clock.left -= Date.now() - clock.since;
    },

    release(item) {
      const clock = clocks.get(item.id);
      if (!clock) return;
      clearTimeout(clock.timer);
      this.start(item.id, Math.max(clock.left, 1500));
    },

    drop(id) {
      clearTimeout(clocks.get(id)?.timer);
      clocks.delete(id);
      this.items = this.items.filter((item) => item.id !== id);
    },

    undo(item) {
      this.drop(item.id);
      if (typeof item.undo === 'function') item.undo();
      else undoAt(item.undo);
    },
  };
}

/**
 * The server takes the change back. It answers with the event "undone", at which parts of the page fetch
 * themselves anew, or has the whole page loaded again where the page itself shows what was changed.
 */
function undoAt(address) {
  htmx.ajax('POST', address, { target: 'body', swap: 'none' }).catch(() => {
    toast(word('failed'), { tone: 'red' });
  });
}

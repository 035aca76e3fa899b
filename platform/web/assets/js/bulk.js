// Selecting rows of a list, and which of its columns show.
import { all, one, say, word } from './page.js';

export function bulk() {
  return {
    count: 0,

    init() {
      this.sync();
      this.$root.addEventListener('htmx:afterSwap', () => this.sync());
    },

    boxes() {
      return all('[data-row] .cb', this.$root);
    },

    sync() {
      const boxes = this.boxes();
      const head = one('[data-all]', this.$root);
      this.count = boxes.filter((box) => box.checked).length;
      if (!head) return;
      head.checked = boxes.length > 0 && this.count === boxes.length;
      head.indeterminate = this.count > 0 && this.count < boxes.length;
    },

    changed(event) {
      if (event.target.matches('[data-all]')) {
        this.boxes().forEach((box) => {
          box.checked = event.target.checked;
        });
      }
      if (!event.target.matches('.cb')) return;
      this.sync();
      if (this.count) say(word('selected', { count: this.count }));
    },

    clear() {
      this.boxes().forEach((box) => {
        box.checked = false;
      });
      this.sync();
      one('[data-all]', this.$root)?.focus();
    },
  };
}

// Ctrl-K: views and actions filtered on the spot, records fetched from the server by htmx.
import { all, one } from './page.js';
import { switchTheme } from './theme.js';

export function palette() {
  return {
    at: 0,

    init() {
      window.addEventListener('palette', () => this.open());
      this.$root.addEventListener('htmx:afterSwap', () => this.filter());
    },

    open() {
      if (this.$root.open) return;
      this.$root.showModal();
      this.$refs.q.value = '';
      this.filter();
      this.$refs.q.focus();
    },

    shown() {
      return all('[role=option]:not([hidden])', this.$root);
    },

    filter() {
      const asked = this.$refs.q.value.trim().toLowerCase();
      all('[data-static] [role=option]', this.$root).forEach((option) => {
        option.hidden = Boolean(asked) && !option.textContent.toLowerCase().includes(asked);
      });
      if (!asked) this.$refs.records.replaceChildren();
      all('[role=group]', this.$root).forEach((group) => {
        group.hidden = !one('[role=option]:not([hidden])', group);
      });
      this.$refs.none.hidden = this.shown().length > 0;
      this.mark(0);
    },

    mark(place) {
      const shown = this.shown();
      all('[role=option][aria-selected=true]', this.$root).forEach((option) => {
        option.setAttribute('aria-selected', 'false');
      });
      this.$refs.q.removeAttribute('aria-activedescendant');
      if (!shown.length) return;
      this.at = (place + shown.length) % shown.length;
      const option = shown[this.at];
      option.id ||= `palette-option-${this.at}`;
      option.setAttribute('aria-selected', 'true');
      option.scrollIntoView({ block: 'nearest' });
      this.$refs.q.setAttribute('aria-activedescendant', option.id);
    },

    key(event) {
      const steps = { ArrowDown: 1, ArrowUp: -1 };
      if (event.key in steps) {
        event.preventDefault();
        this.mark(this.at + steps[event.key]);
      } else if (event.key === 'Enter' && !event.isComposing) {
        event.preventDefault();
        this.follow(this.shown()[this.at]);
      }
    },

    pick(event) {
      const option = event.target.closest('[role=option]');
      if (option) this.follow(option);
      else if (event.target === this.$root) this.$root.close();
    },

    follow(option) {
      if (!option) return;
      this.$root.close();
      if (option.dataset.do === 'theme') switchTheme();
      else if (option.dataset.do === 'keys') window.dispatchEvent(new Event('keys'));
      else if (option.dataset.href) window.location.assign(option.dataset.href);
    },
  };
}

document.addEventListener('click', (event) => {
  if (event.target.closest('[data-palette]')) window.dispatchEvent(new Event('palette'));
});

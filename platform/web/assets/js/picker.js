// Pickers of people, links and long option lists, over tom-select. Fetched only where one is on the page.
//
// <select data-picker data-source="/people/pick">: with a source, options come from there as JSON
// [{value, text, note, find}]; without one, the select's own options are searched, by data-find as well.
// With data-create, a text that is not among them can be chosen, too: it is its own value.
import TomSelect from 'tom-select/base';
import { word } from './page.js';


function line(item, escape) {
  const note = item.note ? ` <span class="text-xs text-muted">${escape(item.note)}</span>` : '';
  return `<div>${escape(item.text)}${note}</div>`;
}

function fromServer(source) {
  return async function load(asked, done) {
    const picker = this;
    const address = new URL(source, window.location.href);
    address.searchParams.set('q', asked);
    const answer = await fetch(address, { credentials: 'same-origin', headers: { Accept: 'application/json' } });
    const found = answer.ok ? await answer.json() : [];
    // An option that is known already is found by what was asked now as well.
    for (const item of found) if (picker.options[item.value]) picker.options[item.value].find = item.find;
    done(found);
  };
}

export function start(select) {
  if (select.tomselect) return;
  const { source, create, label } = select.dataset;
  // tom-select takes the label for its own field and leaves the hidden select without a name.
  if (label) select.setAttribute('aria-label', label);
  const picker = new TomSelect(select, {
    create: create !== undefined,
    maxOptions: 50,
    // "find" holds pinyin and initials, and what the server was asked for.
    searchField: ['text', 'find'],
    // Enter right after typing must take what was typed for.
    refreshThrottle: 0,
    plugins: [],
    preload: source ? 'focus' : false,
    load: source ? fromServer(source) : null,
    render: {
      option: line,
      item: line,
      // Where the text itself can be chosen, that offer says enough.
      no_results: () => (create === undefined ? `<div class="no-results">${word('nothing')}</div>` : ''),
      loading: () => '',
      option_create: ({ input }, escape) => `<div class="create">${escape(word('add', { text: input }))}</div>`,
    },
  });
  picker.control_input.setAttribute('aria-label', label ?? '');
}

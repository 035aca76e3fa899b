// The one script of every page. What few pages need is fetched when its mark is seen.
import Alpine from '@alpinejs/csp';
import htmx from './requests.js';
import './menus.js';
import './inline.js';
import './overlays.js';
import './shortcuts.js';
import './theme.js';
import './filters.js';
import './lines.js';
import './upload.js';
import './mention.js';
import { bulk } from './bulk.js';
import { palette } from './palette.js';
import { address, place, sendItself, stepper } from './public.js';
import { toasts } from './toasts.js';

Alpine.data('toasts', toasts);
Alpine.data('palette', palette);
Alpine.data('bulk', bulk);
Alpine.data('stepper', stepper);
Alpine.data('address', address);
Alpine.data('place', place);

const LAZY = [
  ['[data-board]', () => import('./board.js')],
  ['select[data-picker]', () => import('./picker.js')],
  ['[data-shown-if]', () => import('./shown.js')],
  ['form[data-passkey]', () => import('./passkey.js')],
];

htmx.onLoad((part) => {
  for (const [mark, fetchModule] of LAZY) {
    const found = part.matches?.(mark) ? [part] : [...part.querySelectorAll(mark)];
    if (found.length) fetchModule().then((module) => found.forEach(module.start));
  }
});

htmx.onLoad((part) => part.querySelectorAll('form[data-sends-itself]').forEach(sendItself));

Alpine.start();

// htmx under a strict content security policy.
import htmx from 'htmx.org';
import { toast, token, word } from './page.js';

Object.assign(htmx.config, {
  allowEval: false,
  allowScriptTags: false,
  includeIndicatorStyles: false,
  selfRequestsOnly: true,
  historyCacheSize: 0,
  // A part that was swapped in is taken over in the same moment: a form that can already be typed in, but is
  // not yet htmx's, would be sent by the browser itself.
  defaultSettleDelay: 0,
  // Not "style": a strict style-src refuses it.
  attributesToSettle: ['class', 'width', 'height'],
  responseHandling: [
    { code: '204', swap: false },
    { code: '[23]..', swap: true },
    { code: '422', swap: true },
    { code: '[45]..', swap: false, error: true },
  ],
});

document.addEventListener('htmx:configRequest', (event) => {
  event.detail.headers['X-CSRFToken'] = token();
});

// A refusal may carry its own sentence, put by the server in HX-Trigger as a toast.
document.addEventListener('htmx:responseError', (event) => {
  const told = event.detail.xhr.getResponseHeader('HX-Trigger') ?? '';
  if (!told.includes('"toast"')) toast(word('failed'), { tone: 'red' });
});

document.addEventListener('htmx:sendError', () => toast(word('offline'), { tone: 'red' }));

export default htmx;

// htmx under a strict content security policy.
import htmx from 'htmx.org';
import { toast, token, word } from './page.js';

Object.assign(htmx.config, {
  allowEval: false,
  allowScriptTags: false,
  includeIndicatorStyles: false,
  // What is put into a page works at once: in the 20 ms that htmx leaves for transitions, Enter in a form that has
  // just opened would send it as the browser does, and what was typed would be lost.
  defaultSettleDelay: 0,
  selfRequestsOnly: true,
  historyCacheSize: 0,
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

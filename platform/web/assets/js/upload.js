// A file's way to the server: drop it or choose it, its name, and how much has arrived.
import { one } from './page.js';

function nameOf(field) {
  const label = one('[data-file-name]', field.closest('[data-drop]') ?? document);
  if (label) label.textContent = [...field.files].map((file) => file.name).join(', ');
}

document.addEventListener('change', (event) => {
  if (event.target.matches('[data-drop] input[type=file]')) nameOf(event.target);
});

for (const kind of ['dragover', 'dragleave', 'drop']) {
  document.addEventListener(kind, (event) => {
    const zone = event.target.closest?.('[data-drop]');
    if (!zone) return;
    event.preventDefault();
    zone.classList.toggle('over', kind === 'dragover');
    if (kind !== 'drop' || !event.dataTransfer.files.length) return;
    const field = one('input[type=file]', zone);
    field.files = event.dataTransfer.files;
    field.dispatchEvent(new Event('change', { bubbles: true }));
  });
}

document.addEventListener('htmx:xhr:progress', (event) => {
  const bar = one('[data-upload-bar]', event.target);
  if (!bar || !event.detail.lengthComputable) return;
  bar.hidden = false;
  bar.max = event.detail.total;
  bar.value = event.detail.loaded;
});

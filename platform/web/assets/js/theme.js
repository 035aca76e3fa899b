// Light or dark: kept in a cookie so that the server renders the next page in it.
const ONE_YEAR_SECONDS = 31536000;

function isDark(page) {
  if (page.dataset.theme) return page.dataset.theme === 'dark';
  return window.matchMedia('(prefers-color-scheme: dark)').matches;
}

export function switchTheme() {
  const page = document.documentElement;
  page.dataset.theme = isDark(page) ? 'light' : 'dark';
  document.cookie = `theme=${page.dataset.theme};path=/;max-age=${ONE_YEAR_SECONDS};samesite=lax`;
}

document.addEventListener('click', (event) => {
  if (event.target.closest('[data-theme-toggle]')) switchTheme();
});

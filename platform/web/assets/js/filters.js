// A form of filters that applies itself: <form data-submit-on-change>. Its button stays for those without scripts.
document.addEventListener('change', (event) => {
  event.target.closest('form[data-submit-on-change]')?.requestSubmit();
});

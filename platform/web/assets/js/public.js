// Small behaviours of single forms: the workspace address that follows its name, a number with two buttons.

const fire = (field, kind) => field.dispatchEvent(new Event(kind, { bubbles: true }));

export function address() {
  return {
    own: false,

    follow() {
      if (this.own) return;
      this.$refs.slug.value = addressFrom(this.$refs.name.value);
      fire(this.$refs.slug, 'change');
    },

    mine(event) {
      if (event.isTrusted) this.own = true;
    },

    take(event) {
      this.own = true;
      this.$refs.slug.value = event.target.closest('[data-address]').dataset.address;
      fire(this.$refs.slug, 'change');
    },
  };
}

/** A name in Latin letters as an address of at most 40 signs; other scripts leave it for the person. */
function addressFrom(name) {
  return name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/&/g, ' and ')
    .replace(/[\u0300-\u036f]/g, '')
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 40)
    .replace(/^-+|-+$/g, '');
}

export function stepper() {
  return {
    by(step) {
      const field = this.$refs.number;
      const value = Math.min(Number(field.max), Math.max(Number(field.min), Number(field.value) + step));
      if (value === Number(field.value)) return;
      field.value = value;
      fire(field, 'change');
    },
    less() {
      this.by(-1);
    },
    more() {
      this.by(1);
    },
  };
}

/** The form of a page that only passes through sends itself; its button is for when scripts are off. */
export function sendItself(form) {
  if (form.dataset.sendsItself === 'sent') return;
  form.dataset.sendsItself = 'sent';
  form.requestSubmit();
}

/** Country, currency and time zone guessed from the machine's own zone, as long as nobody chose. */
export function place() {
  return {
    summary: '',

    init() {
      if (this.$root.dataset.chosen === undefined) this.guess();
      this.tell();
    },

    guess() {
      const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
      const zone = [...this.$refs.zone.options].find((option) => option.value === here);
      if (!zone) return;
      this.$refs.zone.value = here;
      if (!zone.dataset.country) return;
      this.$refs.country.value = zone.dataset.country;
      this.follow();
    },

    follow() {
      const currency = this.$refs.country.selectedOptions[0]?.dataset.currency;
      if (currency) this.$refs.currency.value = currency;
      this.tell();
    },

    tell() {
      const words = ['country', 'currency', 'zone'].map((name) => this.$refs[name].selectedOptions[0]?.text ?? '');
      this.summary = words.filter(Boolean).join(' · ');
    },
  };
}

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

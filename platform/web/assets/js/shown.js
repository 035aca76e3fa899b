// Rows of a form that hang on another field: [data-shown-if] holds [[name, [value, …]], …]; no value named: any will do.
function valuesOf(form, name) {
  const fields = form.elements.namedItem(name);
  const found = fields instanceof RadioNodeList ? [...fields] : [fields].filter(Boolean);
  return found.flatMap((field) =>
    field.multiple ? [...field.selectedOptions].map((option) => option.value) : [field.value],
  );
}

export function start(row) {
  const form = row.closest('form');
  const conditions = JSON.parse(row.dataset.shownIf);
  const look = () => {
    row.hidden = !conditions.every(([name, wanted]) => {
      const values = valuesOf(form, name).filter(Boolean);
      return wanted.length ? values.some((value) => wanted.includes(value)) : values.length > 0;
    });
  };
  if (!form) return;
  form.addEventListener('change', look);
  look();
}

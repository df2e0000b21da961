/** What was typed or chosen in a field of a form, without blanks around it; empty where there is none. */
export function written(form: FormData, field: string): string {
  const value = form.get(field);
  return typeof value === 'string' ? value.trim() : '';
}

/** The first `max` UTF-16 units of a text, never half a character: what people typed or phones say of themselves. */
export function clip(text: string, max: number): string {
  return text.slice(0, max).replace(/[\uD800-\uDBFF]$/, '');
}

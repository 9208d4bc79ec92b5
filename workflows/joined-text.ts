/** Texts that may be whole sentences, made one of several parts. */
export function joinedText(parts: readonly string[]): string {
  const last = parts.length - 1;
  return parts.map((part, index) => (index < last ? part.replace(/\.$/, '') : part)).join('; ');
}

/** A text with one full stop at its end. */
export function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

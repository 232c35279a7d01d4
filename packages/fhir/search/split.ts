/**
 * Splits at a sign that no backslash stands before (R4 3.1.1.4.4). The pieces stay escaped, so that they can be split
 * at another sign.
 */
export function splitEscaped(text: string, sign: ',' | '|' | '$'): string[] {
  if (!text.includes('\\')) return text.split(sign);
  const pieces: string[] = [];
  let from = 0;
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === sign) {
      pieces.push(text.slice(from, at));
      from = at + 1;
    }
  }
  return [...pieces, text.slice(from)];
}

/** `\,` `\|` `\$` `\\` mean the sign itself; a backslash before anything else is a backslash. */
export const unescaped = (text: string): string => (text.includes('\\') ? text.replace(/\\([,|$\\])/g, '$1') : text);

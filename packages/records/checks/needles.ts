/** The three ways in which a text can lie in base64, without the characters that its neighbours decide. */
function base64Forms(bytes: Buffer): string[] {
  return [0, 1, 2].map((shift) => {
    const text = Buffer.concat([Buffer.alloc(shift), bytes]).toString('base64');
    const from = shift === 0 ? 0 : shift + 1;
    return text.slice(from, Math.floor(((shift + bytes.length) * 8) / 6));
  });
}

const utf16be = (text: string): Buffer => Buffer.from(text, 'utf16le').swap16();

/**
 * How a text could stand in clear in a row that PostgreSQL writes as text in small letters: in a column of text (as it
 * is, as hex, as base64), and in one of bytes, which it writes as hex: UTF-8 in each case, UTF-16, base64.
 */
export function needlesOf(text: string): string[] {
  const cases = [...new Set([text, text.toLowerCase(), text.toUpperCase()])];
  const bytes = cases.flatMap((one) => [Buffer.from(one), Buffer.from(one, 'utf16le'), utf16be(one)]);
  const base64 = cases.flatMap((one) => base64Forms(Buffer.from(one)));
  const needles = [
    ...cases,
    ...bytes.map((one) => one.toString('hex')),
    ...base64,
    ...base64.map((one) => Buffer.from(one).toString('hex')),
  ];
  return [...new Set(needles.map((one) => one.toLowerCase()))];
}

/** For LIKE: anywhere. */
export const patternOf = (needle: string): string => `%${needle.replaceAll(/[\\%_]/g, '\\$&')}%`;

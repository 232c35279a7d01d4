const printable = (byte: number): boolean => byte === 9 || byte === 10 || byte === 13 || (byte >= 32 && byte < 127);

/**
 * Whether bytes read like text: nine of ten are printable ASCII. Of random bytes three in eight are, so that 28 of them
 * (the least there is behind a head) read like text once in ten thousand million times.
 */
export function readsLikeText(bytes: Buffer): boolean {
  let count = 0;
  for (const byte of bytes) if (printable(byte)) count += 1;
  return bytes.length >= 28 && count >= bytes.length * 0.9;
}

const most_bytes = 64 * 1024;
const base64 = /^[A-Za-z0-9+/]+={0,2}$/;

/** The first bytes of the two kinds of picture that are served: what is none is never shown to anybody. */
const signatures: Readonly<Record<string, (bytes: Buffer) => boolean>> = {
  'image/png': (bytes) => bytes.subarray(0, 8).equals(Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])),
  'image/webp': (bytes) => bytes.toString('latin1', 0, 4) === 'RIFF' && bytes.toString('latin1', 8, 12) === 'WEBP',
};

/** A picture as it was sent: PNG or WebP by its first bytes, in base64. */
export function isPicture({ type, data }: { readonly type: string; readonly data: string }): boolean {
  if (typeof data !== 'string' || data.length > (most_bytes * 4) / 3 + 4 || !base64.test(data)) return false;
  const bytes = Buffer.from(data, 'base64');
  return bytes.length <= most_bytes && signatures[type]?.(bytes) === true;
}

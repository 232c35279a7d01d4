import { createReadStream } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** A value in one of the forms in which it could stand in a file. */
interface Needle {
  readonly value: string;
  readonly form: string;
  readonly bytes: Buffer;
}

export interface Finding {
  readonly value: string;
  readonly form: string;
  readonly at: string;
}

/** Base64 of a value inside of a longer text, without the letters that its neighbours decide; there are three. */
function base64(bytes: Buffer, alignment: number, encoding: 'base64' | 'base64url'): string {
  const text = Buffer.concat([Buffer.alloc(alignment), bytes]).toString(encoding);
  return text.slice(Math.ceil((alignment * 8) / 6), Math.floor(((alignment + bytes.length) * 8) / 6));
}

function needlesOf(value: string): Needle[] {
  const utf8 = Buffer.from(value);
  const utf16 = Buffer.from(value, 'utf16le');
  const texts: [string, string][] = [
    ['lower case', value.toLowerCase()],
    ['upper case', value.toUpperCase()],
    ['hex', utf8.toString('hex')],
    ['HEX', utf8.toString('hex').toUpperCase()],
    ['url-encoded', encodeURIComponent(value)],
    ['form-encoded', new URLSearchParams({ v: value }).toString().slice(2)],
    ['json', JSON.stringify(value).slice(1, -1)],
    ...[0, 1, 2].flatMap((at): [string, string][] => [
      [`base64+${at}`, base64(utf8, at, 'base64')],
      [`base64url+${at}`, base64(utf8, at, 'base64url')],
    ]),
  ];
  const all = [
    { value, form: 'utf-8', bytes: utf8 },
    { value, form: 'utf-16le', bytes: utf16 },
    { value, form: 'utf-16be', bytes: Buffer.from(utf16).swap16() },
    ...texts.map(([form, text]) => ({ value, form, bytes: Buffer.from(text) })),
  ];
  // Of forms that look the same the first gives its name.
  return [...new Map(all.toReversed().map((needle) => [needle.bytes.toString('latin1'), needle])).values()];
}

export interface Scanner {
  /** All that stands in these bytes. */
  bytes(haystack: Buffer, at: string): Finding[];
  text(haystack: string, at: string): Finding[];
  /** Every regular file below a path, or the file itself. */
  files(path: string): Promise<{ findings: Finding[]; files: number; bytes: number }>;
}

/** Looks for many values at once: a table over the first four bytes of every form, then a comparison. */
export function createScanner(values: readonly string[]): Scanner {
  const needles = values.flatMap(needlesOf);
  const short = needles.find(({ bytes }) => bytes.length < 8);
  if (short !== undefined) throw new RangeError(`${short.form} of a value is too short to look for`);
  const longest = Math.max(...needles.map(({ bytes }) => bytes.length));
  const table = new Uint8Array(1 << 16);
  const heads = Map.groupBy(needles, ({ bytes }) => bytes.readUInt32LE(0));
  const slot = (head: number): number => (Math.imul(head, 0x9e3779b1) >>> 16) & 0xffff;
  for (const head of heads.keys()) table[slot(head)] = 1;

  const search = (haystack: Buffer, at: string, findings: Map<string, Finding>): void => {
    const end = haystack.length - 4;
    for (let index = 0, head = 0; index <= end; index += 1) {
      head = index === 0 ? haystack.readUInt32LE(0) : ((head >>> 8) | ((haystack[index + 3] as number) << 24)) >>> 0;
      if (table[slot(head)] === 0) continue;
      for (const { value, form, bytes } of heads.get(head) ?? []) {
        if (haystack.length - index < bytes.length || bytes.compare(haystack, index, index + bytes.length) !== 0)
          continue;
        findings.set(`${value} ${form} ${at}`, { value, form, at });
      }
    }
  };

  const inFile = async (path: string, findings: Map<string, Finding>): Promise<number> => {
    let carry: Buffer = Buffer.alloc(0);
    let length = 0;
    for await (const chunk of createReadStream(path, { highWaterMark: 4 << 20 }) as AsyncIterable<Buffer>) {
      const whole = Buffer.concat([carry, chunk]);
      if (whole.length >= 4) search(whole, path, findings);
      carry = whole.subarray(Math.max(0, whole.length - longest));
      length += chunk.length;
    }
    return length;
  };

  const bytes = (haystack: Buffer, at: string): Finding[] => {
    const findings = new Map<string, Finding>();
    if (haystack.length >= 4) search(haystack, at, findings);
    return [...findings.values()];
  };

  return {
    bytes,
    text: (haystack, at) => bytes(Buffer.from(haystack), at),
    files: async (path) => {
      const findings = new Map<string, Finding>();
      const total = { files: 0, bytes: 0 };
      for await (const file of regularFiles(path)) {
        for (const finding of bytes(Buffer.from(file), `the name of ${file}`)) findings.set(file, finding);
        total.bytes += await inFile(file, findings).catch((error: NodeJS.ErrnoException) => {
          // Temporary files come and go while the instance runs.
          if (error.code === 'ENOENT') return 0;
          throw error;
        });
        total.files += 1;
      }
      return { findings: [...findings.values()], ...total };
    },
  };
}

async function* regularFiles(path: string): AsyncGenerator<string> {
  const found = await lstat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (found?.isFile()) yield path;
  if (found?.isDirectory()) for (const name of await readdir(path)) yield* regularFiles(join(path, name));
}

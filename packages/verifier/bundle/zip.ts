import { crc32, inflateRawSync } from 'node:zlib';
import { fail } from './wrong.ts';

/**
 * A reader of ZIP archives that takes one form of them alone: entries one after the other without gaps, each named in
 * the same order at the end, no comments, no extra fields, no encryption, one fixed time. So every byte of the archive
 * either counts or is refused, and no two readers see different files.
 */

const limits = { files: 10_000, file_bytes: 256 * 1024 * 1024, all_bytes: 2 * 1024 * 1024 * 1024, name: 200 } as const;
const headBytes = 30;
const recordBytes = 46;
const endBytes = 22;
const archive = 'the archive';

/** What every entry says, field by field; the names are those of PKWARE's APPNOTE 4.3. */
const fixed = {
  needed: 20,
  flags: 0x0800,
  time: 0,
  date: 0x0021,
  made: 0x033f,
  attributes: 0o100644 * 65_536,
} as const;

interface Record {
  readonly name: string;
  readonly method: number;
  readonly crc: number;
  readonly packed: number;
  readonly size: number;
  readonly offset: number;
}

const nameForm = /^[A-Za-z0-9][A-Za-z0-9._-]*(\/[A-Za-z0-9][A-Za-z0-9._-]*){0,5}$/;

function checkName(name: string): void {
  const sound = name.length <= limits.name && nameForm.test(name) && !name.includes('..');
  if (!sound) fail(archive, 'a file has a name that is not allowed');
}

const expect = (holds: boolean, reason: string, where: string = archive): void => {
  if (!holds) fail(where, reason);
};

interface End {
  readonly count: number;
  readonly start: number;
}

function readEnd(bytes: Buffer): End {
  const at = bytes.length - endBytes;
  expect(
    at >= 0 && bytes.readUInt32LE(at) === 0x06054b50,
    'is no ZIP file, is cut off, or has something behind its end',
  );
  const [disk, startDisk, here, count] = [4, 6, 8, 10].map((offset) => bytes.readUInt16LE(at + offset));
  const length = bytes.readUInt32LE(at + 12);
  const start = bytes.readUInt32LE(at + 16);
  expect(disk === 0 && startDisk === 0 && here === count, 'is one of several parts');
  expect(bytes.readUInt16LE(at + 20) === 0, 'has a comment');
  expect(start + length === at, 'its list of files is not where it should be');
  expect((count ?? 0) <= limits.files, 'has too many files');
  return { count: count ?? 0, start };
}

function readRecord(bytes: Buffer, at: number, end: number): Record & { readonly next: number } {
  expect(at + recordBytes <= end && bytes.readUInt32LE(at) === 0x02014b50, 'its list of files is damaged');
  const short = (offset: number): number => bytes.readUInt16LE(at + offset);
  const long = (offset: number): number => bytes.readUInt32LE(at + offset);
  const nameLength = short(28);
  const next = at + recordBytes + nameLength;
  expect(next <= end, 'its list of files is damaged');
  const name = bytes.toString('latin1', at + recordBytes, next);
  checkName(name);
  const asFixed =
    [short(4) === fixed.made, short(6) === fixed.needed, short(8) === fixed.flags].every(Boolean) &&
    [short(12) === fixed.time, short(14) === fixed.date, short(30) === 0, short(32) === 0].every(Boolean) &&
    [short(34) === 0, short(36) === 0, long(38) === fixed.attributes].every(Boolean);
  expect(asFixed, 'its header is not of the form that is allowed', name);
  return { name, method: short(10), crc: long(16), packed: long(20), size: long(24), offset: long(42), next };
}

/** The entry itself says what the list says of it, and begins where the one before it ended. */
function checkHead(
  bytes: Buffer,
  { name, method, crc, packed, size, offset }: Record,
  at: number,
  end: number,
): number {
  expect(offset === at && at + headBytes <= end, 'does not stand where it should', name);
  const short = (field: number): number => bytes.readUInt16LE(at + field);
  const long = (field: number): number => bytes.readUInt32LE(at + field);
  const data = at + headBytes + name.length;
  const same =
    [long(0) === 0x04034b50, short(4) === fixed.needed, short(6) === fixed.flags, short(8) === method].every(Boolean) &&
    [short(10) === fixed.time, short(12) === fixed.date, long(14) === crc, long(18) === packed].every(Boolean) &&
    [long(22) === size, short(26) === name.length, short(28) === 0].every(Boolean);
  expect(same && data + packed <= end, 'its header says something else than the list of files', name);
  expect(bytes.toString('latin1', at + headBytes, data) === name, 'has another name in the list of files', name);
  return data;
}

function unpack({ name, method, crc, packed, size }: Record, data: Buffer): Buffer {
  expect(size <= limits.file_bytes, 'is too large', name);
  expect(method === 8 || (method === 0 && packed === size), 'is packed in a way that is not allowed', name);
  let plain = data;
  if (method === 8) {
    try {
      // With `info` the engine tells how much it read: nothing may stand behind the end of the stream.
      const options = { maxOutputLength: Math.max(1, size), info: true };
      const { buffer, engine } = inflateRawSync(data, options) as unknown as {
        readonly buffer: Buffer;
        readonly engine: { readonly bytesWritten: number };
      };
      expect(engine.bytesWritten === packed, 'has something behind its end', name);
      plain = buffer;
    } catch (error) {
      if (error instanceof Error && 'code' in error) return fail(name, 'cannot be unpacked');
      throw error;
    }
  }
  expect(plain.length === size && crc32(plain) === crc, 'is not what it was when it was packed', name);
  return plain;
}

/** The files of an archive by name, in its order. Ends with a finding for everything that is not of the one form. */
export function readZip(given: Uint8Array): ReadonlyMap<string, Buffer> {
  const bytes = Buffer.from(given.buffer, given.byteOffset, given.byteLength);
  const { count, start } = readEnd(bytes);
  const files = new Map<string, Buffer>();
  const folded = new Set<string>();
  let [record, place, all] = [start, 0, 0];
  for (let at = 0; at < count; at += 1) {
    const one = readRecord(bytes, record, bytes.length - endBytes);
    expect(!folded.has(one.name.toLowerCase()), 'stands twice in the archive', one.name);
    folded.add(one.name.toLowerCase());
    all += one.size;
    expect(all <= limits.all_bytes, 'is too large when it is unpacked');
    const data = checkHead(bytes, one, place, start);
    place = data + one.packed;
    files.set(one.name, unpack(one, bytes.subarray(data, place)));
    record = one.next;
  }
  expect(place === start && record === bytes.length - endBytes, 'holds something between its files');
  return files;
}

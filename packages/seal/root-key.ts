import { argon2, createHmac, createSecretKey, type KeyObject, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { fault } from '@safeguard/kernel';
import { frame } from './frame.ts';
import { keyBytes, takeKey, unwrapUnder, wrapUnder } from './wrap.ts';

/** What stands in the root key file: the key itself, or the key wrapped under what argon2id makes of a passphrase. */
interface RootKeyText {
  readonly format: 'safeguard root key 1';
  readonly id: string;
  readonly key?: string;
  readonly argon2id?: { memory_KiB: number; passes: number; parallelism: number; salt: string };
  readonly wrapped?: string;
}

/** RFC 9106, 4: the second recommended choice is t = 3 and 64 MiB; one lane, because the sum is the same. */
const cost = { memory_KiB: 65_536, passes: 3, parallelism: 1 };
const derive = promisify(argon2);

const unreadable = (cause?: unknown) => fault('unavailable', 'root key file: its content is damaged', { cause });

/** The id of a root key: public, and another one for every key. */
export const rootId = (key: KeyObject): string =>
  `file:${createHmac('sha256', key).update('safeguard root key id 1').digest('hex').slice(0, 32)}`;

const fileAad = (id: string): Buffer => frame(['safeguard root key file 1', id]);

/** The text of the file that holds `key`. */
export async function writeRootKey(key: KeyObject, passphrase: string | undefined): Promise<string> {
  const id = rootId(key);
  const head = { format: 'safeguard root key 1', id } as const;
  if (passphrase === undefined) {
    const bytes = key.export();
    const text: RootKeyText = { ...head, key: bytes.toString('base64') };
    bytes.fill(0);
    return `${JSON.stringify(text)}\n`;
  }
  if (passphrase.length < 8) throw fault('invalid', 'the passphrase is too short; expected 8 characters or more');
  const argon2id = { ...cost, salt: randomBytes(16).toString('base64') };
  const wrapped = wrapUnder(await stretch(passphrase, argon2id), fileAad(id), key).toString('base64');
  return `${JSON.stringify({ ...head, argon2id, wrapped } satisfies RootKeyText)}\n`;
}

/** The inverse. Says which of the two is wrong: the passphrase or the file. */
export async function readRootKey(text: string, passphrase: string | undefined): Promise<KeyObject> {
  const { id, key, argon2id, wrapped } = parse(text);
  if (argon2id !== undefined && wrapped !== undefined) {
    if (passphrase === undefined) throw fault('unavailable', 'root key file: a passphrase is needed');
    const under = await stretch(passphrase, argon2id);
    try {
      return sameId(unwrapUnder(under, fileAad(id), Buffer.from(wrapped, 'base64')), id);
    } catch (cause) {
      throw fault('unavailable', 'root key file: the passphrase is wrong', { cause });
    }
  }
  // A file in clear where a passphrase is configured was put there by someone, or never protected: say so.
  if (passphrase !== undefined) throw fault('unavailable', 'root key file: it is not protected by a passphrase');
  const bytes = Buffer.from(key ?? '', 'base64');
  if (bytes.length !== keyBytes) throw unreadable();
  return sameId(takeKey(bytes), id);
}

function sameId(key: KeyObject, id: string): KeyObject {
  if (rootId(key) !== id) throw unreadable(new Error('the id does not fit the key'));
  return key;
}

function parse(text: string): RootKeyText {
  try {
    const content = JSON.parse(text) as RootKeyText;
    if (content.format !== 'safeguard root key 1' || typeof content.id !== 'string') throw new TypeError('format');
    return content;
  } catch (cause) {
    throw unreadable(cause);
  }
}

async function stretch(passphrase: string, by: NonNullable<RootKeyText['argon2id']>): Promise<KeyObject> {
  const { memory_KiB, passes, parallelism } = by;
  // Bounds on what the file asks for: no less than we write, no more than a start may cost.
  if (!(memory_KiB >= 65_536 && memory_KiB <= 4_194_304 && passes >= 3 && passes <= 100)) throw unreadable();
  const bytes = await derive('argon2id', {
    message: Buffer.from(passphrase.normalize('NFKC')),
    nonce: Buffer.from(by.salt, 'base64'),
    memory: memory_KiB,
    passes,
    parallelism,
    tagLength: keyBytes,
  });
  const key = createSecretKey(bytes);
  bytes.fill(0);
  return key;
}

import { createPrivateKey, X509Certificate } from 'node:crypto';
import { chmod, mkdir, open, readFile, rename } from 'node:fs/promises';
import { isIP } from 'node:net';
import { join } from 'node:path';
import type { Clock } from '@safeguard/kernel';
import { nameConstraints } from './names.ts';
import type { Credentials, KeyPair } from './tls.ts';

export interface AuthorityDeps {
  /** Made with mode 0700. Holds ca.pem, ca.key, server.pem, server.key; the keys with mode 0600. */
  readonly directory: string;
  /** Names and addresses that callers use, beside the loopback ones. */
  readonly hosts: readonly string[];
  readonly clock: Clock;
}

export interface LocalAuthority extends Credentials, KeyPair {
  /** The certificate that a caller has to trust. */
  readonly caFile: string;
  /** True where this start made the authority: whoever trusted an earlier one must trust the new one. */
  readonly made: boolean;
}

const loopback = ['localhost', '127.0.0.1', '::1'];
const renewBefore_ms = 30 * 86_400_000;
const secret = 0o600;
const open_to_read = 0o644;

/** Whole or not at all, and on the disk when it returns: a half-written key must not survive a power cut. */
async function write(path: string, text: string, mode: number): Promise<void> {
  const fresh = `${path}.new`;
  const file = await open(fresh, 'w', mode);
  try {
    await file.chmod(mode);
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(fresh, path);
}

async function readPair(directory: string, name: string): Promise<KeyPair | undefined> {
  try {
    const [key, cert] = await Promise.all([
      readFile(join(directory, `${name}.key`), 'utf8'),
      readFile(join(directory, `${name}.pem`), 'utf8'),
    ]);
    return { key, cert };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

async function writePair(directory: string, name: string, pair: KeyPair): Promise<KeyPair> {
  await write(join(directory, `${name}.key`), pair.key, secret);
  await write(join(directory, `${name}.pem`), pair.cert, open_to_read);
  return pair;
}

/**
 * The certificate still has `left_ms` to live, and the key is its own: a crash between two writes leaves a mixed
 * pair.
 */
function isSound({ key, cert }: KeyPair, now: number, left_ms: number): boolean {
  const certificate = new X509Certificate(cert);
  return certificate.checkPrivateKey(createPrivateKey(key)) && certificate.validToDate.getTime() - now > left_ms;
}

const names = (host: string): boolean => !loopback.includes(host);
const covers = (cert: string, hosts: readonly string[]): boolean => {
  const certificate = new X509Certificate(cert);
  return hosts.every(
    (host) => (isIP(host) === 0 ? certificate.checkHost(host) : certificate.checkIP(host)) !== undefined,
  );
};

/**
 * The authority of one installation, made at the first start. It signs the certificates of this server and, by its
 * name constraints, can sign for no other; the server's is renewed when 30 days are left, at a start or in between.
 * The hosts are part of the constraints: when they change, a new authority is made and has to be trusted anew.
 */
export async function localAuthority({ directory, hosts, clock }: AuthorityDeps): Promise<LocalAuthority> {
  const extra = [...new Set(hosts.filter(names))].sort();
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await chmod(directory, 0o700);
  const kept = await readPair(directory, 'ca');
  const fits = kept !== undefined && isSound(kept, clock.now(), renewBefore_ms) && isBoundTo(kept.cert, bound(extra));
  const authority = fits
    ? kept
    : await writePair(directory, 'ca', await (await maker()).makeAuthority(bound(extra), clock.now()));
  let pair = fits ? await readPair(directory, 'server') : undefined;
  const renew = async (): Promise<boolean> => {
    if (pair !== undefined && isFresh(pair, authority, extra, clock.now())) return false;
    const made = await (await maker()).makeServerPair(authority, [...loopback, ...extra], clock.now());
    pair = await writePair(directory, 'server', made);
    return true;
  };
  await renew();
  const current = (): KeyPair => pair as KeyPair;
  return {
    current,
    renew,
    caFile: join(directory, 'ca.pem'),
    made: !fits,
    get key() {
      return current().key;
    },
    get cert() {
      return current().cert;
    },
  };
}

/** Loaded only when something is to be made: an ordinary start needs no certificate library. */
const maker = () => import('./certificate.ts');

/** Whether an authority's constraints are those that `hosts` ask for: their bytes stand in the certificate. */
const isBoundTo = (cert: string, hosts: readonly string[]): boolean =>
  new X509Certificate(cert).raw.includes(nameConstraints(hosts));

/** `::1` stands among the constraints by name; `localhost` and 127.0.0.0/8 always do. */
const bound = (extra: readonly string[]): string[] => ['::1', ...extra];

const isFresh = (pair: KeyPair, authority: KeyPair, extra: readonly string[], now: number): boolean =>
  isSound(pair, now, renewBefore_ms) &&
  new X509Certificate(pair.cert).verify(new X509Certificate(authority.cert).publicKey) &&
  covers(pair.cert, extra);

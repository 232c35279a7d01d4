import type { ConnectionOptions, SecureVersion } from 'node:tls';
import { type Check, resultOf } from '@safeguard/kernel';
import type { HttpCheckDeps } from './checks.ts';
import { type Handshake, handshake, placeOf } from './wire.ts';

const day_ms = 86_400_000;

const versions: readonly { readonly number: number; readonly version: SecureVersion }[] = [
  { number: 1, version: 'TLSv1' },
  { number: 1.1, version: 'TLSv1.1' },
  { number: 1.2, version: 'TLSv1.2' },
  { number: 1.3, version: 'TLSv1.3' },
];

/** Offers under TLS 1.2 that nobody may take up (NIST SP 800-52r2 3.3.1, RFC 9325 4.2). */
const weak: readonly (readonly [name: string, ciphers: string])[] = [
  ['keys without forward secrecy', 'AES128-GCM-SHA256:AES256-GCM-SHA384:AES128-SHA256:AES128-SHA:AES256-SHA'],
  ['ciphers without authenticated encryption', 'ECDHE-ECDSA-AES128-SHA:ECDHE-RSA-AES128-SHA:ECDHE-ECDSA-AES256-SHA384'],
  ['no encryption at all', 'eNULL'],
  ['no authentication at all', 'aNULL'],
];

/** Our own side is to offer everything, or nothing would be tried. */
const anything = '@SECLEVEL=0';
const untried = /NO_PROTOCOLS_AVAILABLE|NO_CIPHER_MATCH|NO_CIPHERS_AVAILABLE|UNSUPPORTED_PROTOCOL_VERSION/;

const reasons: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'the certificate has expired',
  CERT_NOT_YET_VALID: 'the certificate is not valid yet',
  ERR_TLS_CERT_ALTNAME_INVALID: 'the certificate does not name the address that callers use',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'the certificate is signed by nobody that callers trust',
  SELF_SIGNED_CERT_IN_CHAIN: 'the chain ends in an authority that callers do not trust',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'the chain of the certificate is not whole',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'the chain of the certificate is not whole',
};

interface Looked {
  tried: number;
  readonly wrong: string[];
}

async function tryVersions({ probe }: HttpCheckDeps, least: number, looked: Looked): Promise<void> {
  for (const { number, version } of versions) {
    const options = { minVersion: version, maxVersion: version, ciphers: `ALL:${anything}`, rejectUnauthorized: false };
    const found = await handshake(probe, options);
    if (!found.done && untried.test(found.code)) continue;
    looked.tried += 1;
    if (found.done && number < least) looked.wrong.push(`${version} was accepted`);
    if (!found.done && number >= least && number >= 1.2) looked.wrong.push(`${version} was refused`);
  }
}

async function tryWeak({ probe }: HttpCheckDeps, looked: Looked): Promise<void> {
  for (const [name, ciphers] of weak) {
    const options: ConnectionOptions = { maxVersion: 'TLSv1.2', ciphers: `${ciphers}:${anything}` };
    const found = await handshake(probe, { ...options, rejectUnauthorized: false });
    if (!found.done && untried.test(found.code)) continue;
    looked.tried += 1;
    if (found.done) looked.wrong.push(`a handshake with ${name} was accepted`);
  }
}

const daysLeft = ({ certificate }: Handshake & { done: true }, at: number): number =>
  Math.floor((Date.parse(certificate.valid_to) - at) / day_ms);

/** 45 CFR 164.312(e)(1), (e)(2)(ii): what travels to and from the server is encrypted, and it proves who it is. */
export const tls = (deps: HttpCheckDeps): Check => ({
  id: 'http.tls',
  title: 'Connections are encrypted with current TLS',
  query:
    'Real handshakes with the server at its own address: each version of TLS, weak ciphers, and one ' +
    "as a caller's, by " +
    'which the chain, the names and the days left of the certificate are judged.',
  every_s: 3_600,
  async run({ at, number }) {
    const [least, warning_days] = [number('tls.least_version'), number('tls.certificate_warning_days')];
    const todo =
      'Set tls to "on" with a sound certificate; renew it before it ends; let nothing weaken what TLS accepts.';
    const unmet = 'Connections are not protected as they must be.';
    if (!placeOf(deps.probe).secure) {
      return resultOf({ examined: 1, wrong: ['TLS is off: the server speaks plain HTTP'], met: '', unmet, todo });
    }
    const looked: Looked = { tried: 1, wrong: [] };
    const asCaller = await handshake(deps.probe, { minVersion: 'TLSv1.2' });
    const left = asCaller.done ? daysLeft(asCaller, at) : 0;
    if (!asCaller.done) looked.wrong.push(reasons[asCaller.code] ?? `a caller's handshake failed (${asCaller.code})`);
    else if (left < warning_days) looked.wrong.push(`the certificate ends in ${left} days; ${warning_days} are wanted`);
    await tryVersions(deps, least, looked);
    await tryWeak(deps, looked);
    return resultOf({
      examined: looked.tried,
      wrong: looked.wrong,
      met:
        `${looked.tried} handshakes: TLS ${least} and newer, nothing older and no weak cipher; the ` +
        `certificate holds for ${left} days.`,
      unmet,
      todo,
    });
  },
});

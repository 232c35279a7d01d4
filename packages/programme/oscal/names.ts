import { createHash } from 'node:crypto';
import { uuidBytes, uuidText } from '@safeguard/kernel';
import type { Family } from '../content/types.ts';

/** Versions of OSCAL that are written. `mapping-collection` begins with 1.2. */
export const oscalVersions = ['1.1.3', '1.2.2'] as const;
export type OscalVersion = (typeof oscalVersions)[number];

/** The namespace of every property that OSCAL does not define itself. */
export const namespace = 'urn:safeguard:oscal';

export const familyTitles: Readonly<Record<Family, string>> = {
  general: 'General rules (45 CFR 164.306)',
  administrative: 'Administrative safeguards (45 CFR 164.308)',
  physical: 'Physical safeguards (45 CFR 164.310)',
  technical: 'Technical safeguards (45 CFR 164.312)',
  organizational: 'Organizational requirements (45 CFR 164.314)',
  documentation: 'Policies, procedures and documentation (45 CFR 164.316)',
  breach: 'Breach notification (45 CFR 164.400 to 414)',
  privacy: 'Privacy rule, as far as a business associate carries it',
};

/** OSCAL tokens begin with a letter: `164.312-b` is `cfr-164.312-b` there. */
export const controlToken = (id: string): string => `cfr-${id}`;
export const statementToken = (id: string): string => `cfr-${id}_stmt`;
/** The id of ours in a token; undefined: it is none. */
export const controlOf = (token: string): string | undefined =>
  /^cfr-(\d{3}\.\d{3}(?:-[0-9A-Za-z]+)*)$/.exec(token)?.[1];

/** RFC 9562, version 5: the same name gives the same UUID, everywhere and always. */
function versionFive(within: string, name: string): string {
  const hash = createHash('sha1').update(uuidBytes(within)).update(name, 'utf8').digest().subarray(0, 16);
  hash[6] = ((hash[6] ?? 0) & 0x0f) | 0x50;
  hash[8] = ((hash[8] ?? 0) & 0x3f) | 0x80;
  return uuidText(Buffer.from(hash));
}

/** RFC 9562, appendix of known namespaces: URLs. */
const urls = '6ba7b811-9dad-11d1-80b4-00c04fd430c8';
const ours = versionFive(urls, namespace);

/** The UUID of a thing by what it is called: parts are kept apart, whatever they hold. */
export const uuidOf = (...parts: readonly string[]): string => versionFive(ours, JSON.stringify(parts));

import { dateTimeSpan } from '@safeguard/fhir';
import { denyAll, type Node, type Reading, readProvision, type Side } from './provision.ts';
import { codesOf, type Fields, fieldsOf, hasOnly, localOf, textOf } from './shape.ts';
import { everything } from './terms.ts';
import type { ConsentNote } from './types.ts';
import { policyRules, systems } from './vocabulary.ts';

/** A Consent in force, read. */
export interface ReadConsent {
  readonly id: string;
  readonly patient: string;
  /** When it was given, and when it was stored: by these the newer one is found. */
  readonly given: number;
  readonly stored: number;
  /** Absent: it says nothing. */
  readonly root?: Node;
  /** The same for Consents that say the same. */
  readonly key: string;
  readonly notes: readonly ConsentNote[];
}

const known: ReadonlySet<string> = new Set([
  ...['resourceType', 'meta', 'language', 'text', 'contained', 'identifier', 'status', 'scope', 'category', 'patient'],
  ...['dateTime', 'performer', 'organization', 'sourceAttachment', 'sourceReference', 'policy', 'policyRule'],
  ...['verification', 'provision', '_status', '_dateTime', '_language'],
]);

const isPrivacy = ({ scope }: Fields): boolean =>
  codesOf(scope).some(({ system, code }) => code === 'patient-privacy' && (system ?? systems.scope) === systems.scope);

const timeOf = (value: unknown): number => Date.parse(textOf(value) ?? '');

/**
 * The last moment that `dateTime` may mean, and never after it was stored: nobody makes a Consent the newest for ever
 * by a date in the future, and one that bears a day alone is newer than one of an hour of that day.
 */
function givenAt({ dateTime, meta }: Fields): {
  readonly given: number;
  readonly stored: number;
  readonly since: number;
} {
  const span = dateTimeSpan(textOf(dateTime) ?? '');
  const stored = timeOf(fieldsOf(meta).lastUpdated);
  const known = Number.isNaN(stored) ? Number.POSITIVE_INFINITY : stored;
  const given = Math.min(span === undefined ? known : span.end - 1, known);
  return {
    given: Number.isFinite(given) ? given : 0,
    stored: Number.isNaN(stored) ? 0 : stored,
    since: dateTime === undefined ? Number.NEGATIVE_INFINITY : (span?.start ?? Number.POSITIVE_INFINITY),
  };
}

const all = { path: [everything], depth: 1 } as const;

/** The tree of a Consent; see README.md, "What the root says". Undefined: it says nothing. */
function rootOf(consent: Fields, reading: Reading): Node | undefined {
  const rules = codesOf(consent.policyRule).map(({ system, code }) => policyRules[`${system}|${code}`]);
  const rule = rules.find((one) => one !== undefined);
  if (!hasOnly(consent, known)) {
    reading.note('it has parts that are not understood');
    return denyAll(all.path);
  }
  if (consent.provision === undefined && rule === 'silent') return undefined;
  if (consent.provision === undefined && rule === undefined) {
    reading.note('it has no provision, and no policy rule that is known');
    return denyAll(all.path);
  }
  const stated = fieldsOf(consent.provision);
  const base = stated.type === undefined && (rule === 'permit' || rule === 'deny') ? { ...stated, type: rule } : stated;
  if (rule !== 'deny' || base.type !== 'permit') return readProvision(base, reading, all);
  // The policy rule denies everything, and the provision is its exception (R4, Consent.provision).
  return readProvision({ type: 'deny', provision: [base] }, reading, all);
}

const sideKey = ({ from, until, actors, purposes, terms }: Side): string =>
  JSON.stringify([String(from), String(until), actors ?? '*', purposes ?? '*', terms.map(({ key }) => key)]);

const keyOf = ({ type, may, must, path, children }: Node): string =>
  [
    ...[type, sideKey(may), must ? sideKey(must) : '-', ...path.map(({ key }) => key)],
    ...['(', ...children.map(keyOf), ')'],
  ].join(' ');

/** Undefined: it is not in force, not about privacy, or names no patient of ours (which a note of its own tells). */
export function readConsent(resource: object): ReadConsent | ConsentNote | undefined {
  const consent = resource as Fields;
  const id = textOf(consent.id) ?? '';
  if (consent.status !== 'active' || !isPrivacy(consent)) return undefined;
  const [type, patient] = (localOf(consent.patient) ?? '').split('/');
  if (type !== 'Patient' || patient === undefined) return { consent: id, reason: 'it names no patient of this server' };
  const reasons = new Set<string>();
  const note = (reason: string): void => {
    reasons.add(reason);
  };
  const { given, stored, since } = givenAt(consent);
  if (since === Number.POSITIVE_INFINITY) note('dateTime is not understood');
  const root = rootOf(consent, { patient, since, note });
  return {
    ...{ id, patient, given, stored },
    ...(root === undefined ? {} : { root }),
    key: root === undefined ? '' : keyOf(root),
    notes: [...reasons].map((reason) => ({ consent: id, patient, reason })),
  };
}

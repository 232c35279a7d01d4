import { compartmentPatients, dateTimeSpan } from '@safeguard/fhir';
import type { JsonObject } from '@safeguard/kernel';
import type { Letter } from '../interactions.ts';
import { isReadable, judgeProvision, unclear } from './judge-provision.ts';
import { codesOf, type Fields, fieldsOf } from './shape.ts';
import type { ConsentAsking } from './types.ts';
import { policyRules, systems } from './vocabulary.ts';

/** `in doubt`: what is not understood, or cannot be told of the resource or the caller, may mean this. */
export type ConsentReason =
  | 'no consent speaks of it'
  | 'permitted'
  | 'denied'
  | 'denied in doubt'
  | 'writing discloses nothing';

export interface ConsentJudgement {
  readonly permit: boolean;
  readonly reason: ConsentReason;
  /** Id of the Consent that decided. */
  readonly consent?: string;
}

/** What is asked, of one resource. */
export interface Question {
  readonly asking: ConsentAsking;
  readonly resource: JsonObject;
  readonly letter: Letter;
  readonly patient: string;
}

const inForce = (consent: Fields): boolean =>
  consent.status === 'active' &&
  codesOf(consent.scope).some(
    ({ system, code }) => code === 'patient-privacy' && (system === undefined || system === systems.scope),
  );

/** When it was given: the end of what `dateTime` says, and when it was stored at the latest. */
function givenOf({ dateTime, meta }: Fields): readonly [given: number, stored: number] {
  const stored = Date.parse(String(fieldsOf(meta).lastUpdated));
  const said = typeof dateTime === 'string' ? dateTimeSpan(dateTime) : undefined;
  if (said === undefined) return [stored || 0, stored || 0];
  return [Math.min(said.end - 1, Number.isNaN(stored) ? said.end - 1 : stored), stored || 0];
}

/** The root, with what the policy rule adds to it. */
function rootOf(consent: Fields): Fields | 'silent' | 'unclear' {
  const rule = codesOf(consent.policyRule)
    .map(({ system, code }) => policyRules[`${system}|${code}`])
    .find((one) => one !== undefined);
  const { provision } = consent;
  if (consent.modifierExtension !== undefined || consent.implicitRules !== undefined) return 'unclear';
  if (provision === undefined) return rule === undefined ? 'unclear' : rule === 'silent' ? 'silent' : { type: rule };
  const root = fieldsOf(provision);
  const type = root.type ?? (rule === 'silent' ? undefined : rule);
  const typed = type === undefined ? root : { ...root, type };
  return rule === 'deny' && type === 'permit' ? { type: 'deny', provision: [typed] } : typed;
}

const isDenial = (consent: Fields): boolean => {
  const root = rootOf(consent);
  return root === 'unclear' || (root !== 'silent' && (root.type !== 'permit' || !isReadable(root)));
};

function newer(one: Fields, other: Fields): number {
  const [given, stored] = givenOf(one);
  const [otherGiven, otherStored] = givenOf(other);
  if (given !== otherGiven) return otherGiven - given;
  if (stored !== otherStored) return otherStored - stored;
  if (isDenial(one) !== isDenial(other)) return isDenial(one) ? -1 : 1;
  return String(one.id) < String(other.id) ? -1 : 1;
}

/** A permission holds from when it was given; by a date that nobody understands, never. */
function sinceOf({ dateTime }: Fields): number {
  if (dateTime === undefined) return Number.NEGATIVE_INFINITY;
  return (typeof dateTime === 'string' ? dateTimeSpan(dateTime)?.start : undefined) ?? Number.POSITIVE_INFINITY;
}

function judgePatient(consents: readonly Fields[], question: Question): ConsentJudgement | undefined {
  for (const consent of [...consents].sort(newer)) {
    const root = rootOf(consent);
    if (root === 'silent') continue;
    const judged = root === 'unclear' ? unclear : judgeProvision(root, question, undefined, sinceOf(consent));
    const reason = judged.surely ? 'denied' : 'denied in doubt';
    if (judged.denied) return { permit: false, reason, consent: String(consent.id) };
    if (judged.surely) return { permit: true, reason: 'permitted', consent: String(consent.id) };
  }
  return undefined;
}

/**
 * The reference: what consents say of one opened resource, read plainly from the Consents themselves. A resource in the
 * compartments of several patients must be let through by the consents of each.
 */
export function judgeConsents(
  consents: readonly object[],
  asking: ConsentAsking,
  resource: JsonObject,
  letter: Letter,
): ConsentJudgement {
  if (letter === 'c') return { permit: true, reason: 'writing discloses nothing' };
  const inPlay = (consents as readonly Fields[]).filter(inForce);
  const judged = compartmentPatients(resource).flatMap((patient) => {
    const own = inPlay.filter((one) => isPatient(one, patient));
    return judgePatient(own, { asking, resource, letter, patient }) ?? [];
  });
  const denied = judged.find(({ permit }) => !permit);
  return denied ?? judged[0] ?? { permit: true, reason: 'no consent speaks of it' };
}

const isPatient = ({ patient }: Fields, id: string): boolean =>
  new RegExp(`^Patient/${id.replaceAll('.', '\\.')}(?:/_history/[^/]+)?$`).test(String(fieldsOf(patient).reference));

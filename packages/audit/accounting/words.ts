import type { AccessRow, Party } from './rows.ts';

/** An access in words that a person reads; English, dates in UTC. */

const groups: Readonly<Record<AccessRow['group'], string>> = {
  C: 'Created',
  R: 'Read',
  U: 'Changed',
  D: 'Deleted',
  E: 'Searched or done',
};

const outcomes: Readonly<Record<AccessRow['outcome'], string>> = { permit: '', deny: 'refused', fail: 'failed' };

const purposeWords: Readonly<Record<string, string>> = {
  TREAT: 'Treatment',
  ETREAT: 'Emergency treatment',
  BTG: 'Emergency access (break-glass)',
  HPAYMT: 'Payment',
  HOPERAT: 'Health care operations',
  HRESCH: 'Research',
  PATRQT: 'Request of the patient',
  FAMRQT: 'Request of the family',
  PUBHLTH: 'Public health',
  PATADMIN: 'Patient administration',
  HCOMPL: 'Oversight of the house',
  HSYSADMIN: 'Administration of the system',
  HTEST: 'Tests',
  HQUALIMP: 'Quality improvement',
  CAREMGT: 'Care management',
  COC: 'Coordination of care',
  COVERAGE: 'Insurance coverage',
  TRAIN: 'Training',
};

/** `2026-11-22 09:30 UTC`. */
export const timeWords = (at: number): string => `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
export const dayWords = (at: number): string => new Date(at).toISOString().slice(0, 10);

const nameOf = ({ name, kind, id }: Party): string => name ?? `${kind === 'client' ? 'App' : 'Account'} ${id}`;

export const whoWords = ({ who, through }: AccessRow): string =>
  through === null ? nameOf(who) : `${nameOf(who)}, with ${nameOf(through)}`;

export function whatWords({ group, what, several, outcome, action }: AccessRow): string {
  const ended = outcomes[outcome] === '' ? '' : `, ${outcomes[outcome]}`;
  const did = `${groups[group]} (${action})${ended}`;
  if (what === null) return `${did}: in an answer about several patients`;
  const list = what.map(({ type, count }) => (count === 1 ? type : `${count} ${type}`)).join(', ');
  return `${did}${list === '' ? '' : `: ${list}`}${several ? ' (of several patients)' : ''}`;
}

export const purposeOf = ({ purpose }: AccessRow): string =>
  purpose === null ? 'Not stated' : (purposeWords[purpose] ?? purpose);

export function disclosureWords({ disclosure: { counts, certain, reason, cite } }: AccessRow): string {
  const word = counts ? (certain ? 'Yes' : 'To be judged') : certain ? 'No' : 'Presumably not';
  return `${word}. ${reason} ${cite}`;
}

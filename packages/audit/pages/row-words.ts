import { typeWords } from '@safeguard/access';
import { isResourceType } from '@safeguard/fhir';
import type { AccessRow, Party } from '../accounting/rows.ts';
import { purposeOf } from '../accounting/words.ts';

/** An access in words for the patient whose record it was. */

const verbs: Readonly<Record<AccessRow['group'], string>> = {
  C: 'Added',
  R: 'Looked at',
  U: 'Changed',
  D: 'Deleted',
  E: 'Searched',
};

/** What our own pages call what was done, where the group of FHIR says too little. */
const acts: Readonly<Record<string, string>> = {
  'patient-pick': 'Chose the record by its name',
  'break-glass-open': 'Opened the record in an emergency',
  'self-disclosures': 'Looked at this list',
  'who-did': 'Looked up who saw the record',
  'who-can-see': 'Looked up who can see the record',
  'break-glass-list': 'Looked into an emergency',
  'break-glass-review': 'Judged an emergency',
  'access-explain': 'Looked up who may see the record',
  'self-export-ask': 'Asked for a copy',
  'self-export-read': 'Fetched a copy',
  'self-amendment-make': 'Asked for a correction',
  'self-objection-make': 'Objected to an access',
  'self-export-list': 'Looked at the copies that were asked for',
  'self-amendment-list': 'Looked at the corrections that were asked for',
  'self-objection-list': 'Looked at objections',
  'self-right-read': 'Looked at a request',
  'self-right-withdraw': 'Took a request back',
  'privacy-request-list': 'Looked through what patients ask',
  'privacy-request-read': 'Worked on a request about the record',
  'privacy-request-make': 'Wrote down a request about the record',
  'privacy-request-answer': 'Answered a request about the record',
  'privacy-request-decide': 'Took more time for a request about the record',
};

const outcomes: Readonly<Record<AccessRow['outcome'], string>> = {
  permit: '',
  deny: 'Tried, and was refused: ',
  fail: 'Tried, and it failed: ',
};

const nameOf = ({ name, kind }: Party): string =>
  name ?? (kind === 'client' ? 'A program that is not known any more' : 'Somebody who is not known any more');

export const isOwn = ({ who }: AccessRow, own: string): boolean => who.kind === 'person' && who.id === own;

export const whoTold = (row: AccessRow, own: string): string => (isOwn(row, own) ? 'You' : nameOf(row.who));

/** Through which app, in whose capacity, and why. */
export function howTold({ through, purpose, ...row }: AccessRow, role: string | undefined): string {
  const parts = [
    ...(role === undefined ? [] : [`as ${role.toLowerCase()}`]),
    ...(through === null ? [] : [`with the app ${nameOf(through)}`]),
    ...(purpose === null ? [] : [`for ${purposeOf({ ...row, through, purpose }).toLowerCase()}`]),
  ];
  return parts.join(', ');
}

const typed = (type: string): string => (type === 'Patient' ? 'name and personal details' : typeWords(type));

export function whatTold({ action, group, what, outcome, several }: AccessRow): string {
  const began = outcomes[outcome];
  const own = Object.hasOwn(acts, action) ? acts[action] : undefined;
  const verb = own ?? verbs[group];
  const said = began === '' ? verb : `${began}${verb.toLowerCase()}`;
  if (own !== undefined) return said;
  if (what === null) return `${said} data of yours, together with that of others`;
  const kinds = what.filter(({ type }) => isResourceType(type)).map(({ type }) => typed(type));
  return `${said} ${kinds.length === 0 ? 'the record' : kinds.join(', ')}${several ? ' (also of others)' : ''}`;
}

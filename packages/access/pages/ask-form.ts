import {
  area,
  button,
  checkbox,
  errorOf,
  errorSummary,
  type Fields,
  field,
  form,
  type Html,
  html,
  linkButton,
  radios,
  type Wrong,
} from '@safeguard/http';
import { fault, type Issue } from '@safeguard/kernel';
import type { NewRequest } from '../grants/types.ts';
import type { Policy, RoleDefinition } from '../policy/types.ts';
import { day_ms, longestOf } from '../requests/check.ts';
import { isReason } from '../requests/reasons.ts';
import { emergencyRole } from '../requests/role.ts';
import { counted, roleTitle, sheet } from './words.ts';

/** What was typed, to be shown again. */
export interface Given {
  readonly whom: string;
  readonly person: string;
  readonly role: string;
  readonly patients: string;
  readonly opens: readonly string[];
  readonly until: string;
  readonly reason: string;
}

export const dayText = (at: number): string => new Date(at).toISOString().slice(0, 10);
const preset_days = 90;

export const emptyAsk = (now: number): Given => ({
  ...{ whom: 'me', person: '', role: '', patients: '', opens: [], reason: '' },
  until: dayText(now + preset_days * day_ms),
});

const plain = (text: string): string => text.replaceAll('\r\n', '\n');

export const givenOf = (fields: Fields, { sensitive }: Policy): Given => ({
  whom: fields('whom'),
  person: fields('person'),
  role: fields('role'),
  patients: plain(fields('patients')),
  opens: Object.keys(sensitive).filter((name) => fields(`open-${name}`) === 'yes'),
  until: fields('until'),
  reason: plain(fields('reason')),
});

/** What is told at each field when it is wrong. */
export const askWords = {
  role: 'Choose one of the roles.',
  person: '',
  patients: 'Give the ids of the patients, one a line; some roles need them.',
  opens: 'Choose from the categories that are listed.',
  until: 'Choose a day from today on, no later than the role allows.',
  reason: 'Write why: 10 to 2,000 characters.',
} as const;

/** Roles that people may ask for: not what they are anyway, not the one of an emergency. */
export const asked = ({ roles }: Policy, elevated: boolean): (readonly [string, RoleDefinition])[] =>
  Object.entries(roles).filter(
    ([name, role]) => role.approvals > 0 && name !== emergencyRole && (role.elevated === true) === elevated,
  );

const roleHint = (policy: Policy, { description, approvals, approvers, longest_days, patients }: RoleDefinition) => {
  const who = approvers.map((name) => roleTitle(policy, name).toLowerCase());
  const any = who.length < 2 ? (who[0] ?? '') : `${who.slice(0, -1).join(', ')} or ${who.at(-1)}`;
  const many = approvals > 1 ? `${approvals} people approve it: ${any}` : `Approved by ${any}`;
  const named = patients === true ? ' It names its patients.' : '';
  return `${description} ${many}. For ${counted(longest_days, 'day')} at most.${named}`;
};

export const roleField = (
  policy: Policy,
  given: Pick<Given, 'role'>,
  wrong: readonly Wrong[],
  elevated = false,
): Html =>
  radios({
    label: 'Role',
    name: 'role',
    value: given.role,
    error: errorOf(wrong, 'role'),
    of: asked(policy, elevated).map(([name, role]) => [name, role.title, roleHint(policy, role)] as const),
  });

export const patientsField = ({ patients }: Pick<Given, 'patients'>, wrong: readonly Wrong[]): Html =>
  area({
    label: 'Only for these patients (optional)',
    name: 'patients',
    value: patients,
    rows: 3,
    hint: 'Their ids, one a line. Empty: whatever patients the role reaches.',
    error: errorOf(wrong, 'patients'),
  });

const opensField = ({ sensitive }: Policy, { opens }: Given): Html =>
  html`<fieldset class="checks"><legend>Sensitive data (optional)</legend>
<p class="hint">Stays closed, also to this role, unless you name it here and it is approved.</p>
${Object.entries(sensitive).map(([name, { title }]) =>
  checkbox({ name: `open-${name}`, id: `open-${name}`, label: title, checked: opens.includes(name) }),
)}</fieldset>`;

export const reasonField = ({ reason }: Pick<Given, 'reason'>, wrong: readonly Wrong[], hint: string): Html =>
  area({ label: 'Reason', name: 'reason', value: reason, hint, required: true, error: errorOf(wrong, 'reason') });

const whomField = ({ whom, person }: Given, wrong: readonly Wrong[]): Html => html`${radios({
  label: 'For whom',
  name: 'whom',
  value: whom === 'other' ? 'other' : 'me',
  of: [
    ['me', 'For me'],
    ['other', 'For somebody else of the staff'],
  ],
})}
${field({
  label: 'Who else',
  name: 'person',
  value: person,
  required: false,
  autocomplete: 'off',
  hint: 'E-mail address, or id of the account.',
  error: errorOf(wrong, 'person'),
})}`;

export const askForm = (policy: Policy, given: Given, now: number, wrong: readonly Wrong[]): Html =>
  html`${errorSummary(wrong)}${form('/access/requests', [
    sheet('whom-part', 'Who', whomField(given, wrong)),
    sheet(
      'role-part',
      'What',
      html`${roleField(policy, given, wrong)}${patientsField(given, wrong)}
${opensField(policy, given)}`,
    ),
    sheet(
      'why-part',
      'Why, and until when',
      html`${field({
        label: 'Last day',
        name: 'until',
        type: 'date',
        value: given.until,
        min: dayText(now),
        hint: 'The right ends by itself at the end of this day (UTC).',
        error: errorOf(wrong, 'until'),
      })}
${reasonField(given, wrong, 'What you need it for. Who decides reads it; it is never in the log.')}`,
    ),
    html`<div class="acts">${button('Ask')}${linkButton('Not now', '/access')}</div>`,
  ])}`;

const words = (text: string): string[] => [...new Set(text.split(/[\s,;]+/).filter((word) => word !== ''))];

/** The end of the day that was chosen; of the last day that the role allows, as much as it allows. */
function untilOf(text: string, longest_ms: number, now: number): number {
  const start = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  const last = now + longest_ms - 60_000;
  return start <= last && last < start + day_ms ? last : start + day_ms;
}

const issue = (at: 'role' | 'reason'): Issue => ({ severity: 'error', code: 'required', text: askWords[at], at });

/** The role that was chosen. Fault `invalid` without one; also of the reason, so that both are told at once. */
export function roleOf({ roles }: Policy, { role: name, reason }: Pick<Given, 'role' | 'reason'>): RoleDefinition {
  const role = Object.hasOwn(roles, name) ? roles[name] : undefined;
  if (role !== undefined) return role;
  const issues = [issue('role'), ...(isReason(reason) ? [] : [issue('reason')])];
  throw fault('invalid', askWords.role, { issues });
}

const some = (list: readonly string[]): readonly string[] | undefined => (list.length === 0 ? undefined : list);

/** What of a form is the same for everything that is asked for. */
export function limitsOf({
  patients,
  opens,
}: Pick<Given, 'patients' | 'opens'>): Pick<NewRequest, 'patients' | 'opens'> {
  const [named, opened] = [some(words(patients)), some(opens)];
  return { ...(named === undefined ? {} : { patients: named }), ...(opened === undefined ? {} : { opens: opened }) };
}

export function wantedOf(given: Given, account: string, policy: Policy, now: number): NewRequest {
  const role = roleOf(policy, given);
  const until = untilOf(given.until, longestOf(role, 'standing'), now);
  return { account, role: given.role, reason: given.reason.trim(), until, ...limitsOf(given) };
}

import type { Letter } from './interactions.ts';
import type { Condition } from './restriction.ts';
import type { Level, Scope } from './scope.ts';
import { typeWords } from './type-words.ts';

/** In the order in which people think of them. */
const verbs: readonly (readonly [Letter, string])[] = [
  ['r', 'read'],
  ['s', 'search'],
  ['c', 'add'],
  ['u', 'change'],
  ['d', 'delete'],
];

const whose: Readonly<Record<Level, string>> = {
  patient: '',
  user: ', of everyone whose record you may see',
  system: ', of everyone',
};

const product: Readonly<Record<string, string>> = {
  accounts: 'Manage the accounts, sessions and sign-in of your organization',
  clients: 'Manage the apps of your organization',
  scim: 'Keep the accounts and groups of your organization in step with a directory',
  launch: 'Start apps with a patient already chosen',
  access: 'Ask for access, decide and review it as far as you may yourself',
};

/** `a`, `a and b`, `a, b and c`. */
function listed(parts: readonly string[], word: string): string {
  const last = parts.at(-1) ?? '';
  return parts.length < 2 ? last : `${parts.slice(0, -1).join(', ')} ${word} ${last}`;
}

const capital = (text: string): string => `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;

const isCode = /^[A-Za-z0-9][A-Za-z0-9._/:-]*$/;
/** Of `system|code` the code. What does not look like a code is quoted: it is the asker's text, not ours. */
function valueWords(value: string): string {
  const [, code = ''] = /\|([^|]*)$/.exec(value) ?? [];
  const shown = code === '' ? value.replace(/\|$/, '') : code;
  return isCode.test(shown) ? shown : `“${shown.replace(/[“”"]/g, '')}”`;
}

const conditionWords = ({ name, any }: Condition): string =>
  `${name.replace(/^_/, '').replaceAll('-', ' ')} ${listed(any.map(valueWords), 'or')}`;

/**
 * A scope in plain words, for whoever is asked to grant it: `Read and search: lab results and other observations
 * (category vital-signs)`. Holds values of the scope: escape it where it is shown.
 */
export function describeScope({ level, type, letters, conditions }: Scope): string {
  if (level === 'safeguard') return product[type] ?? capital(type);
  const does = verbs.filter(([letter]) => letters.includes(letter)).map(([, verb]) => verb);
  const only = conditions.length === 0 ? '' : ` (${listed(conditions.map(conditionWords), 'and')})`;
  return `${capital(listed(does, 'and'))}: ${typeWords(type)}${only}${whose[level]}`;
}

import { type FhirScope, takeApart } from './asked.ts';

/** What a letter of a scope lets an app do, as its person would say it. */
export const letterWords: Readonly<Record<string, string>> = {
  r: 'Read',
  s: 'Search',
  c: 'Add',
  u: 'Change',
  d: 'Delete',
};

/** Anything but looking. */
export const changes = ({ letters }: Pick<FhirScope, 'letters'>): boolean => /[cud]/.test(letters);

const day = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone: 'UTC' });

/** A FHIR date as people say it: `1985-12-09` is `9 December 1985`; what is less than a day stays as it is. */
export const dateWords = (date: string): string =>
  /^\d{4}-\d{2}-\d{2}$/.test(date) && !Number.isNaN(Date.parse(date)) ? day.format(new Date(date)) : date;

export interface Words {
  readonly label: string;
  readonly hint?: string;
}

/** Scopes that are no data, for the person who gives them. The rest is for `ScopeRules.describe`. */
export const otherWords: Readonly<Record<string, Words>> = {
  profile: { label: 'Your name' },
  email: { label: 'Your e-mail address' },
  fhirUser: { label: 'Which entry of the record is about you' },
  offline_access: {
    label: 'Access while you are away',
    hint: 'It goes on after you sign out, until you end it in your account.',
  },
  online_access: { label: 'Access for as long as you are signed in', hint: 'It ends when you sign out.' },
};

export interface Part {
  readonly scope: string;
  readonly parts: FhirScope;
}

export const partsOf = (scopes: readonly string[], context: FhirScope['context']): Part[] =>
  scopes.map((scope) => ({ scope, parts: takeApart(scope) })).filter(({ parts }) => parts.context === context);

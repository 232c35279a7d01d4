/**
 * Where a sign-in may lead: the person's own pages, and an authorization request that waits for it. Nothing in these
 * forms can name another host: one slash, then fixed words.
 */
const forms: readonly RegExp[] = [
  /^\/account(?:\/[a-z0-9]{1,40}(?:-[a-z0-9]{1,40}){0,4}){0,3}$/,
  /^\/applications(?:\/[a-z0-9]{1,40}(?:-[a-z0-9]{1,40}){0,4}){0,2}$/,
  /^\/(?:access|rights)(?:\/[a-z0-9]{1,40}(?:-[a-z0-9]{1,40}){0,4}){0,3}$/,
  /^\/programme(?:\/[A-Za-z0-9][A-Za-z0-9._-]{0,79}){0,3}$/,
  /^\/interaction\/[A-Za-z0-9_-]{1,128}$/,
];

const home = '/account';

/** The path when it has one of the forms, else `/account`: never an error, never a part of what was asked. */
export const returnPath = (asked: unknown): string =>
  typeof asked === 'string' && forms.some((form) => form.test(asked)) ? asked : home;

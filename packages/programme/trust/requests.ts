import {
  type Answer,
  type Brand,
  button,
  checkbox,
  errorOf,
  errorSummary,
  type Fields,
  field,
  form,
  type Html,
  html,
  line,
  linkButton,
  radios,
  type Wrong,
} from '@safeguard/http';
import { ndaText } from '../reports/requests/nda.ts';
import { reportKinds } from '../reports/types.ts';
import { trustPage } from './frame.ts';
import type { ReportRequest } from './types.ts';

export const here = '/trust/reports';

/** What somebody filled in, as it was given. */
export interface Given {
  readonly name: string;
  readonly organization: string;
  readonly email: string;
  readonly kind: string;
  readonly accepted: boolean;
}

export const nothing: Given = { name: '', organization: '', email: '', kind: 'audit', accepted: false };

export const givenIn = (get: Fields): Given => ({
  name: line(get('name')),
  organization: line(get('organization')),
  email: line(get('email')),
  kind: get('kind'),
  accepted: get('nda') === 'yes',
});

const unprintable = /\p{C}/u;
/** One mailbox, as whoever takes the request reads it. */
const address = /^[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$/;

/** For each field what is told of it when it is wrong. */
export const words = {
  name: 'Enter your name, 2 to 120 characters.',
  organization: 'Enter the name of your organization, 2 to 200 characters.',
  email: 'Enter one e-mail address, like name@hospital.example.',
  kind: 'Choose one of the two.',
  nda: 'Accept the terms of confidentiality: without them no report is given.',
} as const;

const fits = (text: string, most: number): boolean =>
  text.length >= 2 && text.length <= most && !unprintable.test(text);

/** What is asked for, or what is wrong with it. */
export function read(given: Given): { readonly wanted: ReportRequest } | { readonly wrong: readonly Wrong[] } {
  const { name, organization, email, accepted } = given;
  const kind = reportKinds.find((one) => one === given.kind);
  const refused: Record<keyof typeof words, boolean> = {
    name: !fits(name, 120),
    organization: !fits(organization, 200),
    email: !fits(email, 254) || !address.test(email),
    kind: kind === undefined,
    nda: !accepted,
  };
  const wrong = (Object.keys(words) as (keyof typeof words)[])
    .filter((one) => refused[one])
    .map((one) => ({ field: one, text: words[one] }));
  if (wrong.length > 0 || kind === undefined) return { wrong };
  return { wanted: { name, organization, email, kind, nda_accepted: true } };
}

const kinds = [
  ['audit', 'Audit report', 'A document: period, scope, method, each control with its evidence and exceptions.'],
  ['bundle', 'Evidence bundle', 'Files for auditors, with proofs that verify without us.'],
] as const;

const terms = (): Html => html`<section class="terms" aria-labelledby="terms"><h2 id="terms">Terms of
confidentiality</h2><p>${ndaText}</p></section>`;

const fields = (given: Given, wrong: readonly Wrong[]): Html => {
  const error = (name: string) => errorOf(wrong, name);
  return html`${field({
    ...{ label: 'Your name', name: 'name', value: given.name, autocomplete: 'name', maxlength: 120 },
    error: error('name'),
  })}
${field({
  ...{ label: 'Organization', name: 'organization', value: given.organization, autocomplete: 'organization' },
  ...{ maxlength: 200, error: error('organization') },
})}
${field({
  ...{ label: 'E-mail', name: 'email', type: 'email', value: given.email, autocomplete: 'email', maxlength: 254 },
  ...{ hint: 'Where the answer is sent to.', error: error('email') },
})}
${radios({ label: 'Which report', name: 'kind', value: given.kind, of: kinds, error: error('kind') })}
${terms()}
${checkbox({
  ...{ label: 'I agree to these terms', name: 'nda', checked: given.accepted },
  error: error('nda'),
})}
${button('Ask for the report')}`;
};

export const requestPage = (
  brand: Brand,
  given: Given,
  { wrong, status }: { readonly wrong: readonly Wrong[]; readonly status: number } = { wrong: [], status: 200 },
): Answer =>
  trustPage({
    ...{ title: 'Ask for a report', brand, here, status, wrong: wrong.length > 0, fresh: true },
    main: html`<h1>Ask for a report</h1>
<p class="lead">A person reads each request and answers by e-mail. What you write here is kept with the
request and used for it alone.</p>
${errorSummary(wrong)}
<div class="sheet slim">${form(here, fields(given, wrong))}</div>`,
  });

/** The same for everybody, whatever was asked and whoever asked. */
export const thanksPage = (brand: Brand): Answer =>
  trustPage({
    ...{ title: 'Thank you', brand, here, fresh: true },
    main: html`<h1>Thank you</h1>
<p class="lead">The request was taken down. A person decides on it, and answers to the address that you gave.</p>
${linkButton('Back to the overview', '/trust')}`,
  });

import {
  type Answer,
  attributes,
  type Brand,
  button,
  checkbox,
  form,
  type Html,
  hidden,
  html,
  notice,
  page,
} from '@safeguard/http';
import { notYou } from '../../pages/sign-out.ts';
import type { Offer } from './asked.ts';
import { placesOf, targetOf } from './places.ts';
import { lettersOf, optional } from './ticks.ts';
import type { Interaction, PatientEntry, SmartClient } from './types.ts';
import { changes, dateWords, letterWords, otherWords, type Part, partsOf } from './words.ts';

export interface ConsentView {
  readonly brand: Brand;
  readonly interaction: Interaction;
  readonly client: SmartClient;
  readonly offer: Offer;
  /** Whose record is open; undefined: no patient is in context. */
  readonly patient: PatientEntry | undefined;
  /** What the person is called, so that they see as whom they answer. */
  readonly name: string;
  /** True when the app asked for more than it can be given. */
  readonly less: boolean;
  /** True when the record is the person's own. */
  readonly own: boolean;
  /** `ScopeRules.describe`. */
  readonly describe: (scope: string) => string;
}

/** Letters of one kind: ticked, and out of the way for whoever does not want to know. */
const lettersFields = ({ parts }: Part, id: string, said: string): Html => {
  const letters = lettersOf(parts);
  const [only] = letters;
  if (letters.length === 1 && only !== undefined) return hidden('letter', only.scope);
  return html`<details class="exactly"><summary>Choose exactly<span class="unseen">: ${said}</span></summary>
<div class="checks">${letters.map(({ letter, scope }, index) =>
    checkbox({ label: letterWords[letter], name: 'letter', value: scope, checked: true, id: `${id}-${index}` }),
  )}</div></details>`;
};

const kindField = (part: Part, id: string, said: string): Html =>
  html`<li class="row">${checkbox({ label: said, name: 'kind', value: part.scope, checked: true, id })}${lettersFields(
    part,
    id,
    said,
  )}</li>`;

const titled = (title: string, fields: readonly Html[]): Html =>
  html`<div><fieldset><legend>${title}</legend><ul class="rows">${fields}</ul></fieldset></div>`;

function group(title: string, scopes: readonly Part[], id: string, describe: ConsentView['describe']): Html {
  if (scopes.length === 0) return html``;
  return titled(
    title,
    scopes.map((part, index) => kindField(part, `${id}-${index}`, describe(part.scope))),
  );
}

const othersGroup = ({ offer, describe }: ConsentView): Html => {
  const others = optional(offer);
  if (others.length === 0) return html``;
  const fields = others.map((scope, index) => {
    const words = otherWords[scope] ?? { label: describe(scope) };
    const box = checkbox({ ...words, name: 'other', value: scope, checked: true, id: `other-${index}` });
    return html`<li class="row">${box}</li>`;
  });
  return titled('Besides', fields);
};

const recordTitle = ({ patient, own }: ConsentView): string => {
  if (own) return 'In your own record';
  return patient === undefined ? 'In a record that you open' : `In the record of ${patient.name}`;
};

const fact = (term: string, value: string | undefined): Html =>
  value === undefined ? html`` : html`<dt>${term}</dt><dd>${value}</dd>`;

const recordOf = ({ patient, own }: ConsentView): string | undefined => {
  if (patient === undefined) return undefined;
  const born = patient.birthDate === undefined ? '' : `, born ${dateWords(patient.birthDate)}`;
  return `${own ? 'Your own: ' : ''}${patient.name}${born}`;
};

function facts(view: ConsentView): Html {
  const { publisher, approved_by } = view.client;
  const said = [publisher, approved_by, recordOf(view)];
  if (said.every((each) => each === undefined)) return html``;
  const terms = ['Made by', 'Approved by', 'Record'];
  return html`<dl class="facts">${terms.map((term, index) => fact(term, said[index]))}</dl>`;
}

function warning({ offer }: ConsentView): Html {
  const scopes = [...partsOf(offer.fhir, 'patient'), ...partsOf(offer.fhir, 'user')];
  return scopes.some(({ parts }) => changes(parts))
    ? notice(html`This app asks to <strong>add or change</strong> entries, not only to read them.`)
    : html``;
}

const nothing = ({ less, offer }: ConsentView): Html =>
  less && offer.fhir.length === 0
    ? notice('It asks for health data that your account may not give. It gets none.')
    : html``;

const fields = (view: ConsentView): Html => html`
${group(recordTitle(view), partsOf(view.offer.fhir, 'patient'), 'patient', view.describe)}
${group('In every record that you may open', partsOf(view.offer.fhir, 'user'), 'user', view.describe)}
${othersGroup(view)}`;

/** What an app asks, grouped and in plain words; everything that it can go without can be unticked. */
export function consentPage(view: ConsentView): Answer {
  const { client, interaction, brand, name } = view;
  const places = placesOf(interaction);
  const main = html`<h1>Let ${client.name} in?</h1>
<p class="lead">You are asked as ${name}. Untick what it should not have.</p>
${facts(view)}${warning(view)}${nothing(view)}
<form method="post"${attributes({ action: places.consent })} class="consent">
${fields(view)}
<div class="acts">${button('Allow')}
<button type="submit" class="quiet"${attributes({ formaction: places.deny })}>Do not allow</button></div>
</form>
${notYou(name)}`;
  return page({ title: `Let ${client.name} in?`, brand, main, formTargets: targetOf(interaction) });
}

/** Where the form has nothing to tick: a plain page that says why, and the way back to the app. */
export const refusedPage = (
  { brand, interaction, name }: Pick<ConsentView, 'brand' | 'interaction' | 'name'>,
  { title, text }: { readonly title: string; readonly text: string },
): Answer =>
  page({
    title,
    brand,
    status: 403,
    main: html`<h1>${title}</h1><p class="lead">${text}</p>
${form(placesOf(interaction).deny, button('Go back to the app'))}${notYou(name)}`,
    formTargets: targetOf(interaction),
  });

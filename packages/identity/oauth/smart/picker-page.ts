import { type Answer, type Brand, button, field, form, type Html, html, notice, page } from '@safeguard/http';
import { notYou } from '../../pages/sign-out.ts';
import { placesOf, targetOf } from './places.ts';
import type { EncounterEntry, Interaction, PatientEntry, SmartClient } from './types.ts';
import { dateWords } from './words.ts';

export interface PickerView {
  readonly brand: Brand;
  readonly interaction: Interaction;
  readonly client: SmartClient;
  readonly name: string;
  /** Undefined: nothing was searched yet. */
  readonly entries: readonly PatientEntry[] | undefined;
  /** What was searched; undefined: there is no search, the entries are all there are. */
  readonly search: string | undefined;
}

/** The search answers this many at most: there may be more. */
const mostShown = 20;

/** One button for each entry: all of it is the target of a finger. */
const entry = (name: string, id: string, title: string, facts: readonly (string | undefined)[]): Html => {
  const said = facts.filter((each) => each !== undefined).join(', ');
  const more = said === '' ? html`` : html`<span class="hint">${said}</span>`;
  const content = html`<span>${title}</span>${more}`;
  return html`<li><button type="submit" class="quiet entry" name="${name}" value="${id}">${content}</button></li>`;
};

const listOf = (entries: readonly Html[]): Html => html`<ul class="rows stack">${entries}</ul>`;

const patientRow = ({ id, name, birthDate, gender }: PatientEntry): Html =>
  entry('patient', id, name, [birthDate === undefined ? undefined : `born ${dateWords(birthDate)}`, gender]);

const searchForm = ({ interaction, search }: PickerView): Html =>
  search === undefined
    ? html``
    : html`<search>${form(
        placesOf(interaction).search,
        html`${field({
          label: 'Name or identifier',
          name: 'text',
          type: 'search',
          autocomplete: 'off',
          value: search,
          maxlength: 100,
          hint: 'Part of a name, or a number such as the medical record number.',
        })}${button('Search')}`,
      )}</search>`;

function found({ interaction, entries, search }: PickerView): Html {
  if (entries === undefined) return html``;
  if (entries.length === 0) {
    return notice(search === undefined ? 'There is no record that you may open.' : 'Nobody was found.');
  }
  return html`${entries.length >= mostShown && notice('There may be more: search for more of the name.')}
${form(placesOf(interaction).patient, listOf(entries.map(patientRow)))}`;
}

const back = (interaction: Interaction): Html =>
  form(placesOf(interaction).deny, button('Cancel and go back to the app', 'quiet'));

/**
 * Whose record is to be opened for an app. Names and identifiers stand in the page and in posted forms, never in a URL.
 */
export const pickerPage = (view: PickerView): Answer =>
  page({
    title: 'Choose a record',
    brand: view.brand,
    main: html`<h1>Whose record?</h1>
<p class="lead">${view.client.name} asks to open one record.</p>
${searchForm(view)}${found(view)}${back(view.interaction)}${notYou(view.name)}`,
    formTargets: targetOf(view.interaction),
  });

const encounterRow = ({ id, label, start }: EncounterEntry): Html =>
  entry('encounter', id, label, [start === undefined ? undefined : dateWords(start.slice(0, 10))]);

const visits = (encounters: readonly EncounterEntry[]): Html =>
  encounters.length === 0
    ? notice('There is no visit of this record that you may choose.')
    : listOf(encounters.map(encounterRow));

/** Which visit or stay the app is opened for; going on without one is an answer too. */
export const encounterPage = (
  view: Omit<PickerView, 'entries' | 'search'> & { readonly encounters: readonly EncounterEntry[] },
): Answer =>
  page({
    title: 'Choose a visit',
    brand: view.brand,
    main: html`<h1>Which visit?</h1>
<p class="lead">${view.client.name} can be opened for one visit or stay.</p>
${form(
  placesOf(view.interaction).encounter,
  html`${visits(view.encounters)}${button('Go on without one', 'quiet', {
    name: 'encounter',
    value: '',
  })}`,
)}${back(view.interaction)}${notYou(view.name)}`,
    formTargets: targetOf(view.interaction),
  });

import { type Answer, fieldsOf, line } from '@safeguard/http';
import { fault, isFault, isUuid } from '@safeguard/kernel';
import type { InteractionDeps, PersonsVisit } from './interaction.ts';
import { patientsOf, rightsOf } from './person.ts';
import { encounterPage, type PickerView, pickerPage } from './picker-page.ts';
import type { EncounterEntry, PatientEntry } from './types.ts';

const viewOf = ({ brand, interaction, client, account }: PersonsVisit) => ({
  ...{ brand, interaction, client },
  name: account.name,
});

const searches = ({ account }: PersonsVisit): boolean => account.kind === 'workforce';

const picker = (visit: PersonsVisit, of: Pick<PickerView, 'entries' | 'search'>): Answer =>
  pickerPage({ ...viewOf(visit), ...of });

/** Workforce searches; whoever stands for patients has them all on one page. */
export async function showPicker(deps: InteractionDeps, visit: PersonsVisit): Promise<Answer> {
  if (searches(visit)) return picker(visit, { entries: undefined, search: '' });
  const entries = await patientsOf(deps, visit.person.principal, visit.account, visit.account.patients);
  return picker(visit, { entries, search: undefined });
}

/** By POST: what is searched is personal, and an address is kept by browsers and logs. */
export async function search(deps: InteractionDeps, visit: PersonsVisit): Promise<Answer> {
  if (!searches(visit)) throw fault('forbidden', 'Your account does not search records.');
  const text = line(fieldsOf(visit.context)('text')).slice(0, 100);
  const entries =
    text === '' ? undefined : await deps.patients.search(rightsOf(visit.person.principal, visit.account), text);
  return picker(visit, { entries, search: text });
}

const notOffered = 'This record is not among those that you may open. Nothing was allowed.';

/** The patient that was picked, as this person may see them; whatever id the form brings. */
async function picked(deps: InteractionDeps, { person, account, context }: PersonsVisit): Promise<PatientEntry> {
  const id = fieldsOf(context)('patient');
  const theirs = account.kind === 'workforce' || account.patients.includes(id);
  const [entry] = isUuid(id) && theirs ? await patientsOf(deps, person.principal, account, [id]) : [];
  if (entry?.id !== id) throw fault('forbidden', notOffered);
  return entry;
}

export async function pick(deps: InteractionDeps, visit: PersonsVisit): Promise<Answer> {
  const { id } = await picked(deps, visit);
  visit.context.found?.({
    targets: [
      { type: 'Client', id: visit.client.client_id },
      { type: 'Patient', id },
    ],
  });
  return deps.interactions.finish(visit.context, visit.interaction, { patient: { id } });
}

/** What the person may see of the patient's visits; who may see none of them can still go on without one. */
async function encountersOf(deps: InteractionDeps, visit: PersonsVisit): Promise<readonly EncounterEntry[]> {
  const { patient } = visit.request.context;
  if (patient === null) throw fault('conflict', 'Choose a record first.');
  try {
    return (await deps.patients.encounters?.(rightsOf(visit.person.principal, visit.account, patient), patient)) ?? [];
  } catch (error) {
    if (isFault(error) && error.kind === 'forbidden') return [];
    throw error;
  }
}

export const showEncounters = async (deps: InteractionDeps, visit: PersonsVisit): Promise<Answer> =>
  encounterPage({ ...viewOf(visit), encounters: await encountersOf(deps, visit) });

/** One of the encounters that were on the page, or none. */
export async function pickEncounter(deps: InteractionDeps, visit: PersonsVisit): Promise<Answer> {
  const id = fieldsOf(visit.context)('encounter');
  const known = id === '' || (await encountersOf(deps, visit)).some((each) => each.id === id);
  if (!known) throw fault('forbidden', notOffered);
  return deps.interactions.finish(visit.context, visit.interaction, { encounter: { id: id === '' ? null : id } });
}

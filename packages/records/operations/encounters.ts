import { parseWritten, readSearch } from '@safeguard/fhir';
import type { Principal } from '@safeguard/http';
import { fault, isUuid, type JsonObject } from '@safeguard/kernel';
import type { Shelf } from '../call.ts';
import type { Search } from '../search/engine.ts';
import type { SortKey } from '../search/sort.ts';
import { hiddenTexts } from '../verbs/hiding.ts';

/** What a person needs to see to choose a visit or stay, and no more. */
export interface EncounterEntry {
  readonly id: string;
  /** What it was: words of ours for its class, then what is written as its type. */
  readonly label: string;
  /** `period.start` as stored: a FHIR dateTime. */
  readonly start?: string;
}

/** HL7 v3 ActEncounterCode, which Encounter.class is taken from. */
const classWords: ReadonlyMap<string, string> = new Map([
  ['AMB', 'Ambulatory'],
  ['EMER', 'Emergency'],
  ['FLD', 'In the field'],
  ['HH', 'At home'],
  ['IMP', 'Inpatient'],
  ['ACUTE', 'Inpatient, acute'],
  ['NONAC', 'Inpatient, not acute'],
  ['OBSENC', 'Observation'],
  ['PRENC', 'Before admission'],
  ['SS', 'Short stay'],
  ['VR', 'Virtual'],
]);

const [label_most, count_most] = [120, 100];

interface Coding {
  readonly code?: string;
  readonly display?: string;
}

interface Encounter {
  readonly id: string;
  readonly class?: Coding;
  readonly type?: readonly { readonly text?: string; readonly coding?: readonly Coding[] }[];
  readonly period?: { readonly start?: string };
}

const typeWords = ({ type = [] }: Encounter): string | undefined =>
  type.flatMap(
    ({ text, coding = [] }) => text ?? coding.find(({ display }) => display !== undefined)?.display ?? [],
  )[0];

function labelOf(encounter: Encounter): string {
  const { code = '', display = 'Visit' } = encounter.class ?? {};
  const kind = classWords.get(code) ?? display;
  const type = typeWords(encounter);
  return [...(type === undefined ? kind : `${kind}: ${type}`)].slice(0, label_most).join('');
}

function entryOf(resource: JsonObject): EncounterEntry {
  const encounter = resource as unknown as Encounter;
  const start = encounter.period?.start;
  return { id: encounter.id, label: labelOf(encounter), ...(start === undefined ? {} : { start }) };
}

/** Newest by when they began; a falling sort of a search goes by when they ended. What has no beginning is last. */
function newest({ parameters, keys }: Search): SortKey[] {
  const date = parameters('Encounter').get('date');
  if (date === undefined) throw fault('internal', 'Encounter has no date');
  return keys([{ by: date, descending: false }], ['Encounter']).map(({ along: _, ...key }) => ({
    ...key,
    descending: true,
  }));
}

export type FindEncounters = (
  principal: Principal,
  patient: string,
  options: { readonly count: number },
) => Promise<EncounterEntry[]>;

export const createFindEncounters =
  (shelf: Shelf): FindEncounters =>
  async (asking, patient, { count }) => {
    if (asking.view !== 'full') throw fault('forbidden', 'A de-identified view shows no visits to choose from');
    // As if the patient had been chosen: then `patient/` scopes show their visits too.
    const principal = asking.within?.includes(patient) === true ? { ...asking, patient } : asking;
    shelf.guard(principal, 'search-type', { type: 'Encounter' });
    if (!isUuid(patient)) return [];
    const engine = await shelf.engine.search(principal);
    const question = { subject: `Patient/${patient}`, 'status:not': 'entered-in-error' };
    const { where } = readSearch('Encounter', new URLSearchParams(question), {
      parameters: engine.parameters,
      lenient: false,
      now: shelf.clock.now(),
    });
    const levels = [await engine.level({ type: 'Encounter', where })];
    const most = Math.min(count, count_most);
    const { hits } = await engine.page({
      levels,
      keys: newest(engine),
      count: most,
      bound: undefined,
      from: undefined,
    });
    const texts = await hiddenTexts(shelf, { principal }, 'search-type', hits);
    return texts.map((text) => entryOf(parseWritten(text) as JsonObject));
  };

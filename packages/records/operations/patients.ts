import { dateTimeSpan, parseWritten, readSearch, typeNumber } from '@safeguard/fhir';
import type { Principal } from '@safeguard/http';
import { fault, fold, isUuid, type JsonObject } from '@safeguard/kernel';
import type { Shelf } from '../call.ts';
import { isShown } from '../search/shown.ts';
import type { StoredRow } from '../storage/rows.ts';
import { hiddenOf, hiddenTexts } from '../verbs/hiding.ts';
import { seen } from '../verbs/sight.ts';
import { createFindEncounters, type FindEncounters } from './encounters.ts';

/** What a person needs to see to choose a patient, and no more. */
export interface PatientEntry {
  readonly id: string;
  readonly name: string;
  /** As stored: YYYY, YYYY-MM or YYYY-MM-DD. */
  readonly birthDate?: string;
  readonly gender?: string;
}

/** The patients that somebody may choose from, under their own sight. Who asks writes down whom it showed. */
export interface Patients {
  /**
   * By the beginnings of names, a birth date (YYYY, YYYY-MM, YYYY-MM-DD, MM/DD/YYYY) and a whole identifier. Who stands
   * for certain patients (`within`) is shown of these alone, all of them for an empty text; anybody else nobody for an
   * empty text. Fault `forbidden`: they may not search patients, or their view is de-identified.
   */
  search(principal: Principal, text: string, options: { readonly count: number }): Promise<PatientEntry[]>;
  /** Those of the ids that they may read, were they chosen; in the order of the ids. At most 200 ids are looked at. */
  byIds(principal: Principal, ids: readonly string[]): Promise<PatientEntry[]>;
  /**
   * Visits and stays whose subject is this Patient, newest beginning first, without what was entered in error. Fault
   * `forbidden`: they may not search Encounters, or their view is de-identified.
   */
  readonly encounters: FindEncounters;
}

const [text_most, words_most, ids_most, count_most] = [100, 6, 200, 100];

interface HumanName {
  readonly use?: string;
  readonly text?: string;
  readonly family?: string;
  readonly given?: readonly string[];
}

const uses = ['usual', 'official'];

function nameOf({ name }: JsonObject): string {
  const names = Array.isArray(name) ? (name as HumanName[]) : [];
  const best = uses.map((use) => names.find((one) => one.use === use)).find((one) => one !== undefined) ?? names[0];
  const parts = [...(best?.given ?? []), best?.family].filter((part) => typeof part === 'string');
  return best?.text ?? (parts.length > 0 ? parts.join(' ') : 'No name');
}

function entryOf(resource: JsonObject): PatientEntry {
  const { id, birthDate, gender } = resource;
  return {
    id: String(id),
    name: nameOf(resource),
    ...(typeof birthDate === 'string' ? { birthDate } : {}),
    ...(typeof gender === 'string' ? { gender } : {}),
  };
}

const escaped = (word: string): string => word.replace(/[\\,|$]/g, '\\$&');

/** A word as a birth date, where it is one. */
function dateOf(word: string): string | undefined {
  const [, month = '', day = '', year] = /^(\d{1,2})\/(\d{1,2})\/(\d{4})$/.exec(word) ?? [];
  const date = year === undefined ? word : `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
  return /^(?:18|19|20)\d\d(?:-\d\d){0,2}$/.test(date) && dateTimeSpan(date) !== undefined ? date : undefined;
}

const wordsOf = (text: string): string[] => text.split(/[\s,;]+/).filter((word) => fold(word) !== '');

/** What the words may mean: each list of conditions is a search of its own. */
function questionsOf(text: string): [name: string, value: string][][] {
  const words = wordsOf(text);
  if (words.length === 0 || words.length > words_most) return [];
  const named = words.map((word): [string, string] => {
    const date = dateOf(word);
    return date === undefined ? ['name', escaped(word)] : ['birthdate', date];
  });
  // One letter is no beginning that an index has.
  const usable = named.filter(([name, value]) => name === 'birthdate' || fold(value).length > 1);
  const whole = /\d/.test(text) && !/\s/.test(text) ? [[['identifier', escaped(text)] as [string, string]]] : [];
  return [...whole, ...(usable.length > 0 ? [usable] : [])];
}

/** Whether every word begins a name, or is the birth date. */
function answers({ name, birthDate = '' }: PatientEntry, text: string): boolean {
  const names = wordsOf(name).map(fold);
  return wordsOf(text).every((word) => {
    const date = dateOf(word);
    return date === undefined ? names.some((one) => one.startsWith(fold(word))) : birthDate.startsWith(date);
  });
}

export function createPatients(shelf: Shelf): Patients {
  const found = async (principal: Principal, question: [string, string][], count: number): Promise<JsonObject[]> => {
    const engine = await shelf.engine.search(principal);
    const { where } = readSearch('Patient', new URLSearchParams(question), {
      parameters: engine.parameters,
      lenient: true,
      now: shelf.clock.now(),
    });
    const asked = question.flatMap(([name]) => engine.parameters('Patient').get(name) ?? []);
    if (!asked.every((parameter) => isShown(engine.planning, parameter))) return [];
    const levels = [await engine.level({ type: 'Patient', where })];
    const { hits } = await engine.page({ levels, keys: [], count, bound: undefined, from: undefined });
    const texts = await hiddenTexts(shelf, { principal }, 'search-type', hits);
    return texts.map((text) => parseWritten(text) as JsonObject);
  };

  /** As if it had been chosen: then `patient/` scopes show it too. */
  const readable = async (principal: Principal, row: StoredRow): Promise<boolean> => {
    const as = principal.within?.includes(row.id) === true ? { ...principal, patient: row.id } : principal;
    return (await seen(shelf, { principal: as }, 'read', [row])).length > 0;
  };

  const byIds = async (principal: Principal, ids: readonly string[]): Promise<PatientEntry[]> => {
    requireNames(principal);
    const wanted = [...new Set(ids)].filter(isUuid).slice(0, ids_most);
    const rows = await shelf.reader.currents(principal.tenant, wanted);
    const live = rows.filter(({ body, type }) => body !== null && type === typeNumber('Patient'));
    const may = await Promise.all(live.map((row) => readable(principal, row)));
    const shown = live.filter((_, index) => may[index]);
    const opened = await shelf.opener.texts(principal.tenant, shown, 'full');
    const texts = await hiddenOf(shelf, { principal }, 'read', shown, opened);
    const entries = texts.flatMap((text) => (text === undefined ? [] : [entryOf(parseWritten(text) as JsonObject)]));
    return wanted.flatMap((id) => entries.find((entry) => entry.id === id) ?? []);
  };

  return {
    byIds,
    encounters: createFindEncounters(shelf),
    search: async (principal, text, { count }) => {
      requireNames(principal);
      const asked = text.trim().slice(0, text_most);
      const most = Math.min(count, count_most);
      if (principal.within !== undefined) {
        const own = await byIds(principal, principal.within);
        return own.filter((entry) => answers(entry, asked)).slice(0, most);
      }
      shelf.guard(principal, 'search-type', { type: 'Patient' });
      const entries = new Map<string, PatientEntry>();
      for (const question of questionsOf(asked)) {
        for (const resource of await found(principal, question, most)) {
          const entry = entryOf(resource);
          if (entries.size < most) entries.set(entry.id, entry);
        }
      }
      return [...entries.values()].sort((one, other) => one.name.localeCompare(other.name));
    },
  };
}

function requireNames({ view }: Principal): void {
  if (view !== 'full') throw fault('forbidden', 'A de-identified view shows no names');
}

import { spanOf } from '../period.ts';
import type { Fields } from '../shape.ts';
import { allOf, everything, isEverything, type Term } from '../terms.ts';
import { readActions } from './actions.ts';
import { readClass, readCode } from './classes.ts';
import { dataWithin } from './dates.ts';
import { readData } from './instances.ts';
import { readLabels } from './labels.ts';
import type { Meant } from './meant.ts';

/** Which data a provision is about, and in fixed words what of that is not understood. */
interface ReadData extends Meant {
  readonly reasons: readonly string[];
}

const unclear: Meant = { may: [everything], must: [] };

function readAll(provision: Fields, type: 'permit' | 'deny', patient: string): ReadData {
  const { class: types, code, securityLabel, dataPeriod, data, action } = provision;
  const period = (): Meant => {
    const span = spanOf(dataPeriod);
    return span === undefined ? unclear : dataWithin(span);
  };
  const all: readonly [name: string, value: unknown, read: () => Meant][] = [
    ['class', types, () => readClass(types)],
    ['code', code, () => readCode(code)],
    ['securityLabel', securityLabel, () => readLabels(securityLabel, type)],
    ['dataPeriod', dataPeriod, period],
    ['data', data, () => readData(data, patient)],
    ['action', action, () => readActions(action)],
  ];
  const stated = all.filter(([, value]) => value !== undefined).map(([name, , read]) => ({ name, ...read() }));
  const odd = stated.filter(({ may, must }) => may.some(isEverything) && !must.some(isEverything));
  const may = allOf(stated.map((one) => one.may));
  const must = allOf(stated.map((one) => one.must));
  const reasons = odd.map(({ name }) => `${name} is not understood`);
  if (may === undefined || must === undefined) reasons.push('too much is combined');
  return { may: may ?? [everything], must: must ?? [], reasons };
}

/** Consents that are made by one form say the same of the data. */
const kept_most = 1_000;
const kept = new Map<string, ReadData>();

/** What all attributes about data come to: all of them must hold, of each attribute one value. */
export function readAllData(
  provision: Fields,
  type: 'permit' | 'deny',
  { patient, note }: { readonly patient: string; note(reason: string): void },
): { readonly may: readonly Term[]; readonly must: readonly Term[] } {
  const { class: types, code, securityLabel, dataPeriod, data, action } = provision;
  const about = data === undefined ? [type] : [type, patient, data];
  const key = JSON.stringify([...about, types, code, securityLabel, dataPeriod, action]);
  const read = kept.get(key) ?? readAll(provision, type, patient);
  const [oldest] = kept.keys();
  if (kept.size >= kept_most && oldest !== undefined) kept.delete(oldest);
  kept.set(key, read);
  for (const reason of read.reasons) note(reason);
  return read;
}

import { isObject } from '../object.ts';
import { referenceForm } from '../reference-form.ts';
import { objectsAt, textAt } from './definition.ts';
import { below, holderOf, type Item, itemsAt, placesOf } from './items.ts';
import type { Run } from './run.ts';

/** One step of a discriminator's path (the part of FHIRPath that R4 allows there, profiling.html#discriminator). */
export type Step =
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'extension'; readonly url: string }
  | { readonly kind: 'type'; readonly type: string }
  | { readonly kind: 'resolve' };

const grammar =
  /^(?:(\$this)|extension\((?:'([^']*)'|"([^"]*)")\)|ofType\(\s*([A-Za-z.]+)\s*\)|(resolve\(\))|([A-Za-z]\w*))(?:\.|$)/;

/** The steps of a path; undefined for one that is no discriminator's. */
export function stepsOf(path: string): Step[] | undefined {
  const steps: Step[] = [];
  let rest = path.trim();
  while (rest !== '') {
    const match = grammar.exec(rest);
    if (!match) return undefined;
    const [whole, self, single, double, type, resolve, name] = match;
    const url = single ?? double;
    if (url !== undefined) steps.push({ kind: 'extension', url });
    else if (type !== undefined) steps.push({ kind: 'type', type: type.replace(/^FHIR\./, '') });
    else if (resolve !== undefined) steps.push({ kind: 'resolve' });
    else if (name !== undefined && self === undefined) steps.push({ kind: 'name', name });
    rest = rest.slice(whole.length);
  }
  return steps;
}

/** What a Reference leads to: a contained resource, what the caller resolves, or a type alone. */
export function resolved(reference: unknown, run: Run): Item[] {
  if (!isObject(reference)) return [];
  const text = textAt(reference, 'reference');
  const form = text === undefined ? undefined : referenceForm(text);
  if (text === undefined || form === undefined) return stated(textAt(reference, 'type'));
  if (form.kind === 'fragment') {
    const found = form.id === '' ? run.root : objectsAt(run.root, 'contained').find((one) => one['id'] === form.id);
    return found === undefined ? [] : [{ value: found, type: textAt(found, 'resourceType') ?? '', at: [] }];
  }
  const found = run.resolve?.(text);
  if (found !== undefined) return [{ value: found, type: textAt(found, 'resourceType') ?? '', at: [] }];
  return stated('type' in form ? form.type : textAt(reference, 'type'));
}

const stated = (type: string | undefined): Item[] => (type === undefined ? [] : [{ value: undefined, type, at: [] }]);

function take(item: Item, step: Step, run: Run): readonly Item[] {
  if (step.kind === 'name') return below(item, step.name);
  if (step.kind === 'type') return item.type === step.type ? [item] : [];
  if (step.kind === 'resolve') return resolved(item.value, run);
  const holder = holderOf(item);
  if (holder === undefined) return [];
  return itemsAt(holder.object, placesOf(holder.type, 'extension')).filter(
    ({ value }) => isObject(value) && value['url'] === step.url,
  );
}

/** The items that a path leads to. */
export const follow = (item: Item, steps: readonly Step[], run: Run): readonly Item[] =>
  steps.reduce<readonly Item[]>((items, step) => items.flatMap((one) => take(one, step, run)), [item]);

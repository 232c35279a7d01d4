import { housePackages } from '../content/packages.ts';
import type { Mechanism } from '../content/types.ts';
import { controlIdAt } from './catalog-read.ts';
import {
  type ComponentControl,
  type ComponentsModel,
  componentUuid,
  mechanismFacts,
  whole,
  wholeFacts,
  writeComponents,
} from './component.ts';
import { at, type Cursor, items, stringAt, textAt, unfit, valueAt } from './cursor.ts';
import { readHead, rootOf } from './head.ts';
import { plainTemplate } from './markup.ts';
import { lossless } from './same.ts';

const requirements = (component: Cursor): Cursor[] =>
  items(component, 'control-implementations').flatMap((one) => items(one, 'implemented-requirements'));

/** Which of our names has this UUID. */
export function packageAt(cursor: Cursor, ...keys: readonly string[]): string {
  const uuid = stringAt(cursor, ...keys);
  const name = [whole, ...housePackages].find((one) => componentUuid(one) === uuid);
  if (name === undefined) throw unfit(at(cursor, ...keys), 'the UUID of a component of Safeguard');
  return name;
}

/** `set-parameters` as names and values. */
export const setAt = (of: Cursor): [string, string][] =>
  items(of, 'set-parameters').map((one) => {
    const [value] = items(one, 'values');
    if (value === undefined) throw unfit(at(one, 'values'), 'a value');
    return [stringAt(one, 'param-id'), valueAt(value)];
  });

interface Placed {
  readonly id: string;
  readonly order: number;
  readonly mechanism: Mechanism;
}

const mechanism = (name: string, of: Cursor): Placed => ({
  id: controlIdAt(of, 'control-id'),
  ...mechanismFacts.read(of),
  mechanism: {
    package: name,
    does: textAt(of, 'description'),
    parameters: setAt(of).map(([parameter]) => parameter),
  },
});

function control(of: Cursor, placed: readonly Placed[]): ComponentControl {
  const id = controlIdAt(of, 'control-id');
  const own = placed.filter((one) => one.id === id).sort((one, other) => one.order - other.order);
  return {
    id,
    approach: plainTemplate(stringAt(of, 'description')),
    mechanisms: own.map((one) => one.mechanism),
    ...(wholeFacts.read(of) as Pick<ComponentControl, 'policies' | 'checks' | 'carried' | 'decision'>),
  };
}

/** What a component definition was made of. Fault `invalid`, with a JSON pointer, as `readCatalog`. */
export const readComponentDefinition: (document: unknown) => ComponentsModel = lossless((document) => {
  const root = rootOf(document, 'component-definition');
  const components = items(root, 'components').map((one) => ({ name: packageAt(one, 'uuid'), all: requirements(one) }));
  const placed = components
    .filter(({ name }) => name !== whole)
    .flatMap(({ name, all }) => all.map((one) => mechanism(name, one)));
  const wholes = components.filter(({ name }) => name === whole).flatMap(({ all }) => all);
  const sets = components.flatMap(({ all }) => all.flatMap(setAt));
  return {
    head: readHead(root),
    controls: wholes.map((one) => control(one, placed)),
    values: Object.fromEntries(sets.sort(([one], [other]) => (one < other ? -1 : Number(one > other)))),
  };
}, writeComponents);

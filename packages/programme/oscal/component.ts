import type { Control, Mechanism } from '../content/types.ts';
import { type CarriedLine, carriedLines, linesOf } from './carried.ts';
import { besides, type Head, hrefOf, metadata, sealed } from './head.ts';
import type { OscalInput } from './input.ts';
import { headOf, picked, valuesOf } from './input-parts.ts';
import { type JsonObject, node } from './json.ts';
import { insertedIn, line, template, text } from './markup.ts';
import { controlToken, uuidOf } from './names.ts';
import { setParameters } from './profile.ts';
import { maybe, number, oneOf, prose, record, words } from './props.ts';

/** What is done about a control. */
export interface ComponentControl extends Pick<Control, 'id' | 'approach' | 'policies' | 'mechanisms' | 'checks'> {
  readonly carried: readonly CarriedLine[];
  readonly decision?: Required<Control>['decision'];
}
export interface ComponentsModel {
  readonly head: Head;
  readonly controls: readonly ComponentControl[];
  /** Values of the parameters that approaches and mechanisms name, by id. */
  readonly values: Readonly<Record<string, string>>;
}

export const wholeFacts = record({
  policies: words('policy'),
  checks: words('check'),
  carried: carriedLines,
  decision: maybe(
    record({
      default: oneOf('decision-default', ['implemented', 'alternative', 'not-reasonable']),
      why: prose('decision-default-why'),
    }),
  ),
});
/** Where a mechanism stands among those of its control. */
export const mechanismFacts = record({ order: number('order') });

/** The component that a package, the organization (`organization`), or all together (`safeguard`) is. */
export const componentUuid = (name: string): string => uuidOf('component', name);
export const whole = 'safeguard';

export const typeOf = (name: string): string => {
  if (name === whole) return 'service';
  return name === 'organization' ? 'process-procedure' : 'software';
};
export const titleOf = (name: string): string => {
  if (name === whole) return 'Safeguard as a whole';
  return name === 'organization' ? 'What people of the organization do' : `Package ${name}`;
};

type Values = ComponentsModel['values'];
const valued = (values: Values, names: readonly string[]): JsonObject[] =>
  setParameters(
    Object.fromEntries(names.filter((name) => Object.hasOwn(values, name)).map((name) => [name, values[name] ?? ''])),
  );

const asWhole = (values: Values, one: ComponentControl): JsonObject =>
  node({
    uuid: uuidOf('component-requirement', whole, one.id),
    'control-id': controlToken(one.id),
    description: template(one.approach),
    props: wholeFacts.write(one),
    'set-parameters': valued(values, insertedIn(one.approach)),
  });

const asMechanism = (values: Values, id: string, one: Mechanism, order: number): JsonObject =>
  node({
    uuid: uuidOf('component-requirement', one.package, id, String(order)),
    'control-id': controlToken(id),
    description: text(one.does),
    props: mechanismFacts.write({ order }),
    'set-parameters': valued(values, one.parameters),
  });

const component = (name: string, requirements: readonly JsonObject[]): JsonObject =>
  node({
    uuid: componentUuid(name),
    type: typeOf(name),
    title: line(titleOf(name)),
    description: line(`${titleOf(name)}.`),
    'control-implementations': [
      {
        uuid: uuidOf('component-implementation', name),
        source: hrefOf('catalog'),
        description: line('What it does about the requirements of the catalog.'),
        'implemented-requirements': requirements,
      },
    ],
  });

export function writeComponents({ head, controls, values }: ComponentsModel): JsonObject {
  const byPackage = new Map<string, JsonObject[]>();
  if (controls.length > 0)
    byPackage.set(
      whole,
      controls.map((one) => asWhole(values, one)),
    );
  for (const { id, mechanisms } of controls) {
    for (const [order, one] of mechanisms.entries()) {
      const list = byPackage.get(one.package) ?? [];
      byPackage.set(one.package, [...list, asMechanism(values, id, one, order)]);
    }
  }
  return sealed(
    'component-definition',
    node({
      metadata: metadata(head, { title: 'Safeguard: what it does about HIPAA' }),
      components: [...byPackage].map(([name, requirements]) => component(name, requirements)),
      'back-matter': { resources: [besides('catalog', 'The catalog of requirements')] },
    }),
  );
}

export function componentsOf(input: OscalInput): ComponentsModel {
  const controls = [...input.content.controls.values()].map(
    ({ id, approach, policies, mechanisms, checks, carried, decision }): ComponentControl => ({
      ...{ id, approach, policies, mechanisms, checks, carried: linesOf(carried) },
      ...(decision === undefined ? {} : { decision }),
    }),
  );
  const names = controls.flatMap(({ approach, mechanisms }) => [
    ...insertedIn(approach),
    ...mechanisms.flatMap(({ parameters }) => parameters),
  ]);
  return { head: headOf(input), controls, values: picked(valuesOf(input), names) };
}

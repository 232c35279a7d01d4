import type { JsonObject } from '@safeguard/kernel';
import type { Operation } from './interactions.ts';

/** HL7's own operations: the id of the definition, and the one type it is for. */
const published: Readonly<Record<string, { readonly id: string; readonly type?: string }>> = {
  validate: { id: 'Resource-validate' },
  meta: { id: 'Resource-meta' },
  'meta-add': { id: 'Resource-meta-add' },
  'meta-delete': { id: 'Resource-meta-delete' },
  everything: { id: 'Patient-everything', type: 'Patient' },
  lastn: { id: 'Observation-lastn', type: 'Observation' },
};

interface Own {
  readonly title: string;
  readonly description: string;
  readonly affectsState: boolean;
  /** The one type it is for. */
  readonly type?: string;
  readonly parameters: readonly JsonObject[];
}

const answer = (documentation: string): JsonObject => ({
  name: 'return',
  use: 'out',
  min: 1,
  max: '1',
  type: 'Parameters',
  documentation,
});

/** Operations that R4 does not define. */
const ours: Readonly<Record<string, Own>> = {
  reindex: {
    title: 'Build the search index again',
    description:
      'Reads every stored resource of the type (at system level: of every type, or of those named) and writes its ' +
      'search index anew, while reading and writing go on. Needs the permission `reindex`.',
    affectsState: true,
    parameters: [
      { name: 'type', use: 'in', min: 0, max: '*', type: 'code', documentation: 'At system level: only these types' },
      answer('What is under way, as $reindex-status tells it'),
    ],
  },
  'reindex-status': {
    title: 'How far the search index is built',
    description: 'One part for each type whose index is, or was, built again. Needs the permission `reindex`.',
    affectsState: false,
    parameters: [answer('Per type: state, resources done, resources in all')],
  },
  purge: {
    title: 'Destroy a patient’s keys',
    description:
      'Makes everything that is sealed under the patient’s keys unreadable for good, in every version. Needs the ' +
      'permission `purge`.',
    affectsState: true,
    type: 'Patient',
    parameters: [],
  },
};

const ownId = (name: string): string => `safeguard-${name}`;

/** Whether the operation stands at a type: a definition for one type does not stand at the others. */
export function atType(operation: Operation, type: string): boolean {
  const { name } = operation;
  const only = operation.type ?? published[name]?.type ?? ours[name]?.type;
  return operation.level !== 'system' && (only === undefined || only === type);
}

/** The canonical URL of an operation's definition; ours stand under the base of this server, where they answer. */
export function definitionUrl(name: string, base: string): string | undefined {
  const known = published[name];
  if (known !== undefined) return `http://hl7.org/fhir/OperationDefinition/${known.id}`;
  return Object.hasOwn(ours, name) ? `${base}/OperationDefinition/${ownId(name)}` : undefined;
}

/** The definition of an operation of ours as JSON text, by its id. */
export function ownDefinition(
  id: string,
  base: string,
  served: readonly Operation[],
  date: string,
): string | undefined {
  const name = id.startsWith('safeguard-') ? id.slice('safeguard-'.length) : '';
  const own = Object.hasOwn(ours, name) ? ours[name] : undefined;
  const levels = new Set(served.filter((one) => one.name === name).map((one) => one.level));
  if (own === undefined || levels.size === 0) return undefined;
  return JSON.stringify({
    resourceType: 'OperationDefinition',
    id,
    url: `${base}/OperationDefinition/${id}`,
    version: '0.1.0',
    name: name.replace(/(^|-)([a-z])/g, (_, _dash: string, letter: string) => letter.toUpperCase()),
    title: own.title,
    status: 'active',
    kind: 'operation',
    date,
    description: own.description,
    affectsState: own.affectsState,
    code: name,
    ...(levels.has('system') && levels.size === 1 ? {} : { resource: [own.type ?? 'Resource'] }),
    system: levels.has('system'),
    type: levels.has('type'),
    instance: levels.has('instance'),
    ...(own.parameters.length > 0 ? { parameter: own.parameters } : {}),
  });
}

import type { Route } from '@safeguard/http';

/** What of a route says what it serves; `path` stands below the FHIR base. */
export type ServedRoute = Pick<Route, 'method' | 'path' | 'accepts'>;

/** A path without the names of its parameters: `/:/:/_history`. */
const shape = ({ method, path }: ServedRoute): string => `${method} ${path.replace(/:\w+/g, ':').replace(/\/$/, '')}`;

const typeShapes: readonly (readonly [code: string, shape: string])[] = [
  ['read', 'GET /:/:'],
  ['vread', 'GET /:/:/_history/:'],
  ['update', 'PUT /:/:'],
  ['patch', 'PATCH /:/:'],
  ['delete', 'DELETE /:/:'],
  ['history-instance', 'GET /:/:/_history'],
  ['history-type', 'GET /:/_history'],
  ['create', 'POST /:'],
  ['search-type', 'GET /:'],
];
const systemShapes: typeof typeShapes = [
  ['transaction', 'POST '],
  ['batch', 'POST '],
  ['search-system', 'GET '],
  ['history-system', 'GET /_history'],
];

export interface Operation {
  /** Without the `$`. */
  readonly name: string;
  readonly level: 'system' | 'type' | 'instance';
  /** Absent: every type. */
  readonly type?: string;
}

/** What a route table serves, in FHIR's words (FHIR R4 3.1; the codes of RestfulInteraction). */
export interface Served {
  readonly types: readonly string[];
  readonly system: readonly string[];
  readonly conditional: { readonly update: boolean; readonly patch: boolean; readonly delete: boolean };
  readonly patchFormats: readonly string[];
  readonly formats: readonly string[];
  readonly compartments: boolean;
  readonly operations: readonly Operation[];
}

function operationOf({ path }: ServedRoute): Operation[] {
  const match = /^(?:\/(?<type>:\w+|[A-Z]\w+)(?<id>\/:\w+)?)?\/\$(?<name>[a-z-]+)$/.exec(path);
  if (match?.groups === undefined) return [];
  const { type, id, name = '' } = match.groups;
  const level = type === undefined ? 'system' : id === undefined ? 'type' : 'instance';
  return [{ name, level, ...(type === undefined || type.startsWith(':') ? {} : { type }) }];
}

const distinct = (operations: readonly Operation[]): Operation[] => [
  ...new Map(operations.map((one) => [`${one.type ?? ''} ${one.level} ${one.name}`, one])).values(),
];

/** Reads a route table: nothing is claimed that no route serves. */
export function servedBy(routes: readonly ServedRoute[]): Served {
  const shapes = new Set(routes.map(shape));
  const codes = (known: typeof typeShapes): string[] =>
    known.filter(([, its]) => shapes.has(its)).map(([code]) => code);
  const accepts = (its: string): readonly string[] => routes.find((one) => shape(one) === its)?.accepts ?? [];
  const xml = accepts('POST /:').includes('application/fhir+xml');
  return {
    types: codes(typeShapes),
    system: codes(systemShapes),
    conditional: {
      update: shapes.has('PUT /:'),
      patch: shapes.has('PATCH /:'),
      delete: shapes.has('DELETE /:'),
    },
    patchFormats: [...accepts('PATCH /:/:')],
    formats: ['application/fhir+json', 'json', ...(xml ? ['application/fhir+xml', 'xml'] : [])],
    compartments: ['GET /:/:/:', 'GET /Patient/:/:'].some((one) => shapes.has(one)),
    operations: distinct(routes.flatMap(operationOf)),
  };
}

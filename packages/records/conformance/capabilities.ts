import {
  type CustomParameter,
  commonParameters,
  parametersOf,
  patientCompartment,
  resourceTypes,
  searchParameterUrl,
} from '@safeguard/fhir';
import type { ServedType, ServedTypes } from '../served-elsewhere.ts';
import type { Served } from './interactions.ts';
import { atType, definitionUrl } from './operations.ts';

/** What a statement says of a search parameter. */
export interface Searchable {
  readonly code: string;
  readonly type: string;
  readonly target: readonly string[];
  /** The canonical URL of a tenant's own parameter. */
  readonly url?: string;
}

export interface Statement {
  readonly served: Served;
  /** Types that another package serves. */
  readonly elsewhere?: ServedTypes;
  /** Of one resource type, by the codes that a query takes. */
  parameters(type: string): Iterable<Searchable>;
  /** ISO time at which this build was made known, so that the statement does not change from request to request. */
  readonly date: string;
  readonly updateCreate: boolean;
  readonly conditionalDelete: 'single' | 'multiple';
  /** Canonical URLs of the profiles that a tenant holds, by type. */
  readonly profiles: ReadonlyMap<string, readonly string[]>;
}

/** Words are looked for within the compartment of one patient, so only in the types that such a compartment holds. */
const isServed = (type: string, code: string): boolean => {
  if (code === '_text' || code === '_content') return type === 'Patient' || patientCompartment(type) !== undefined;
  return code !== '_type';
};

/** What a query on a type takes: R4's parameters, those of every type, and a tenant's own. */
export function searchables(type: string, custom: readonly CustomParameter[] = []): Searchable[] {
  const urls = new Map(custom.map(({ code, url }) => [code, url]));
  // Of R4's special parameters one is left: Location's `near`, which is not served.
  const plain = [...parametersOf(type, custom).values()].filter((one) => one.type !== 'special');
  const own = plain.map(({ code, type: kind, target }) => {
    const url = searchParameterUrl(type, code) === undefined ? urls.get(code) : undefined;
    return { code, type: kind, target, ...(url === undefined ? {} : { url }) };
  });
  const common = commonParameters.filter(({ code }) => isServed(type, code)).map((one) => ({ ...one, target: [] }));
  return [...new Map([...common, ...own].map((one) => [one.code, one])).values()];
}

export const software = { name: 'Safeguard', version: '0.1.0' } as const;

const oauthUris = 'http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris';

/** `origin`: the base without the FHIR path. */
const security = (origin: string): object => ({
  extension: [
    {
      url: oauthUris,
      extension: ['authorize', 'token', 'introspect', 'revoke'].map((url) => ({
        url,
        valueUri: `${origin}/oauth2/${url}`,
      })),
    },
  ],
  cors: false,
  service: ['OAuth', 'SMART-on-FHIR'].map((code) => ({
    coding: [{ system: 'http://terminology.hl7.org/CodeSystem/restful-security-service', code }],
  })),
  description:
    'SMART App Launch 2.2: authorization code with PKCE for people (patient/ and user/ scopes), client credentials ' +
    'for backend services (system/ scopes); default deny. Every request is kept in an audit log. ' +
    'Parameters on identity (name, address, birth date, telecom, identifier) need a client that may see identities.',
});

type ByType = ReadonlyMap<string, readonly Searchable[]>;

/** type → the parameters of others that lead to it, as `_revinclude` spells them. */
function reverse(parameters: ByType): ReadonlyMap<string, readonly string[]> {
  const leading = [...parameters].flatMap(([type, all]) =>
    all
      .filter((one) => one.type === 'reference')
      .flatMap(({ code, target }) =>
        (target.length === 0 ? resourceTypes : target).map((to) => ({ to, from: `${type}:${code}` })),
      ),
  );
  const grouped = Map.groupBy(leading, ({ to }) => to);
  return new Map([...grouped].map(([to, all]) => [to, all.map(({ from }) => from)]));
}

const searchParam = (type: string, { code, type: kind, url }: Searchable): object => {
  const definition = url ?? searchParameterUrl(type, code);
  return { name: code, ...(definition === undefined ? {} : { definition }), type: kind };
};

const unlessEmpty = <T>(name: string, list: readonly T[]): Record<string, readonly T[]> =>
  list.length === 0 ? {} : { [name]: list };

const operationsOf = (statement: Statement, base: string, type: string | undefined): object[] => {
  const standing = statement.served.operations.filter((one) =>
    type === undefined ? one.level === 'system' : atType(one, type),
  );
  return [...new Set(standing.map(({ name }) => name))].flatMap((name) => {
    const definition = definitionUrl(name, base);
    return definition === undefined ? [] : [{ name, definition }];
  });
};

function searchOf(type: string, parameters: readonly Searchable[], revInclude: readonly string[]): object {
  const includes = parameters.filter((one) => one.type === 'reference').map(({ code }) => `${type}:${code}`);
  // Parameters alone is a type that no reference leads to.
  const asked = parameters.filter(({ code }) => code !== '_has' || revInclude.length > 0);
  return {
    ...unlessEmpty('searchInclude', includes.length > 0 ? ['*', ...includes] : []),
    ...unlessEmpty('searchRevInclude', revInclude),
    searchParam: asked.map((one) => searchParam(type, one)),
  };
}

function resource(
  statement: Statement,
  base: string,
  type: string,
  parameters: readonly Searchable[],
  revInclude: readonly string[],
): object {
  const { served, updateCreate, conditionalDelete, profiles } = statement;
  return {
    type,
    profile: `http://hl7.org/fhir/StructureDefinition/${type}`,
    ...unlessEmpty('supportedProfile', profiles.get(type) ?? []),
    interaction: served.types.map((code) => ({ code })),
    versioning: 'versioned-update',
    readHistory: served.types.includes('vread'),
    updateCreate,
    conditionalCreate: served.types.includes('create'),
    conditionalRead: 'full-support',
    conditionalUpdate: served.conditional.update,
    conditionalDelete: served.conditional.delete ? conditionalDelete : 'not-supported',
    referencePolicy: ['literal', 'logical', 'local'],
    ...(served.types.includes('search-type') ? searchOf(type, parameters, revInclude) : {}),
    ...unlessEmpty('operation', operationsOf(statement, base, type)),
  };
}

/** A type that is not stored here: read and searched, never written, without versions. */
const resourceElsewhere = (type: string, { interactions, parameters }: ServedType): object => ({
  type,
  profile: `http://hl7.org/fhir/StructureDefinition/${type}`,
  interaction: interactions.map((code) => ({ code })),
  versioning: 'no-version',
  readHistory: false,
  updateCreate: false,
  conditionalCreate: false,
  conditionalRead: 'not-supported',
  conditionalUpdate: false,
  conditionalDelete: 'not-supported',
  ...unlessEmpty(
    'searchParam',
    parameters.map((one) => searchParam(type, { ...one, target: [] })),
  ),
});

/**
 * The CapabilityStatement (FHIR R4 5.2), made from the route table and the search tables: it says what is served.
 * `base` is the FHIR base without a slash at its end.
 */
export function capabilityStatement(statement: Statement, base: string): object {
  const { served, date } = statement;
  const stored = resourceTypes.filter((type) => statement.elsewhere?.[type] === undefined);
  const parameters: ByType = new Map(stored.map((type) => [type, [...statement.parameters(type)]]));
  const leading = reverse(parameters);
  return {
    resourceType: 'CapabilityStatement',
    url: `${base}/metadata`,
    version: software.version,
    name: 'Safeguard',
    title: 'Safeguard health data API',
    status: 'active',
    date,
    publisher: 'Safeguard',
    description: 'What this server serves, made from its route table and its search tables.',
    kind: 'instance',
    software,
    implementation: { description: 'Safeguard health data API', url: base },
    fhirVersion: '4.0.1',
    format: served.formats,
    ...unlessEmpty('patchFormat', served.patchFormats),
    rest: [
      {
        mode: 'server',
        security: security(base.replace(/\/fhir\/R4$/, '')),
        resource: resourceTypes.map((type) => {
          const other = statement.elsewhere?.[type];
          if (other !== undefined) return resourceElsewhere(type, other);
          return resource(statement, base, type, parameters.get(type) ?? [], leading.get(type) ?? []);
        }),
        interaction: served.system.map((code) => ({ code })),
        ...(served.system.includes('search-system')
          ? {
              searchParam: commonParameters.map(({ code, type }) =>
                searchParam('Resource', { code, type, target: [] }),
              ),
            }
          : {}),
        ...unlessEmpty('operation', operationsOf(statement, base, undefined)),
        ...(served.compartments ? { compartment: ['http://hl7.org/fhir/CompartmentDefinition/patient'] } : {}),
      },
    ],
  };
}

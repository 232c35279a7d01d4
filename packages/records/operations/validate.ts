import { validate as validateBase } from '@safeguard/fhir';
import { operationOutcome } from '@safeguard/http';
import { fault, type Issue, isFault, isUuid, type JsonObject } from '@safeguard/kernel';
import { type Call, missing, type Outcome, type Shelf } from '../call.ts';
import { patientsWritten } from '../storage/patients.ts';
import { requireUnshielded } from '../verbs/kept.ts';
import { paced } from '../verbs/pace.ts';
import { openToChange } from '../verbs/patched.ts';
import { seen } from '../verbs/sight.ts';
import { named, parametersIn } from './parameters.ts';

const modes = ['create', 'update', 'delete', 'profile'] as const;
type Mode = (typeof modes)[number];

interface Asked {
  readonly resource: unknown;
  readonly mode: Mode | undefined;
  readonly profiles: readonly string[];
}

/**
 * `$validate` (FHIR R4 resource-operation-validate), of a resource that is sent or of one that is stored: 200 with an
 * OperationOutcome whenever it could be judged, whatever the judgement.
 */
export async function validate(
  shelf: Shelf,
  call: Call,
  { type, id }: { readonly type: string; readonly id?: string },
  query: URLSearchParams,
  body: (() => unknown) | undefined,
): Promise<Outcome> {
  shelf.guard(call.principal, 'validate', { type });
  const asked = readAsked(query, body?.());
  const stored = id === undefined ? undefined : await storedResource(shelf, call, type, id);
  const resource = asked.resource ?? stored;
  const issues = asked.mode === 'delete' ? deletable(id) : await judge(shelf, call, type, id, { ...asked, resource });
  const told = issues.length > 0 ? issues : [fine];
  return {
    status: 200,
    text: JSON.stringify(operationOutcome(told)),
    targets: id === undefined ? [] : [{ type, id }],
    patients: stored && id !== undefined ? patientsWritten(stored, id) : [],
  };
}

const fine: Issue = { severity: 'information', code: 'informational', text: 'No issues found' };

const deletable = (id: string | undefined): Issue[] => {
  if (id === undefined) throw fault('invalid', 'mode delete: ask it of a resource, Type/id/$validate');
  return [];
};

/** The whole of it: findings tell which elements are there, so who sees a part only is refused. */
async function storedResource(shelf: Shelf, call: Call, type: string, id: string): Promise<JsonObject> {
  if (call.principal.view !== 'full') throw fault('forbidden', 'A de-identified view cannot judge a stored resource');
  const row = isUuid(id) ? await shelf.reader.current(call.principal.tenant, type, id) : undefined;
  const [visible] = row === undefined ? [] : await seen(shelf, call, 'validate', [row]);
  if (row === undefined || visible === undefined) throw missing(type);
  const resource = await openToChange(shelf, call.principal.tenant, row, type);
  await requireUnshielded(shelf, call, 'validate', resource);
  return resource;
}

/** A Parameters resource with the parameters of the operation, or the resource alone with them in the query. */
function readAsked(query: URLSearchParams, body: unknown): Asked {
  const parameters = wrapped(body) ? parametersIn(body) : undefined;
  const given = (name: string, key: string): unknown => parameters && named(parameters, name)?.[key];
  const mode = given('mode', 'valueCode') ?? query.get('mode') ?? undefined;
  if (mode !== undefined && !modes.includes(mode as Mode)) throw fault('invalid', `mode: expected ${modes.join(', ')}`);
  const profile = given('profile', 'valueUri') ?? given('profile', 'valueCanonical');
  const profiles = [...(typeof profile === 'string' ? [profile] : []), ...query.getAll('profile')];
  if (mode === 'profile' && profiles.length === 0) throw fault('invalid', 'mode profile: expected a profile');
  const resource = parameters === undefined ? body : named(parameters, 'resource')?.resource;
  return { resource, mode: mode as Mode | undefined, profiles };
}

/** Parameters of the operation, not a Parameters resource that is to be validated itself. */
function wrapped(body: unknown): boolean {
  const { resourceType, parameter } = (body ?? {}) as JsonObject;
  const names = Array.isArray(parameter) ? parameter.map((one) => (one as JsonObject | null)?.name) : [];
  return resourceType === 'Parameters' && names.some((name) => ['resource', 'mode', 'profile'].includes(String(name)));
}

async function judge(
  shelf: Shelf,
  call: Call,
  type: string,
  id: string | undefined,
  { resource, mode, profiles }: Asked,
): Promise<Issue[]> {
  if (resource === undefined) throw fault('invalid', 'Expected a resource to validate');
  const base = validateBase(resource, { type });
  if (typeof resource !== 'object' || resource === null || (resource as JsonObject).resourceType !== type) return base;
  const { tenant } = call.principal;
  const content = resource as JsonObject;
  const required = [...profiles, ...((await shelf.settings(tenant)).profiles[type] ?? [])];
  const known = await shelf.conformance.profiles(tenant);
  return [
    ...base,
    ...(await paced(() => known.validate(content, { required, report: 'all', mustSupport: true }))),
    ...(await definitionIssues(shelf, tenant, content, id)),
    ...(mode === 'update' ? idIssues(content, id) : []),
  ];
}

/** A definition that could not take effect: what a write of it would be refused for. */
async function definitionIssues(shelf: Shelf, tenant: number, resource: JsonObject, id?: string): Promise<Issue[]> {
  try {
    await shelf.conformance.check(tenant, resource, id);
    return [];
  } catch (error) {
    if (!isFault(error) || error.kind === 'unavailable' || error.kind === 'internal') throw error;
    return error.issues.length > 0
      ? [...error.issues]
      : [{ severity: 'error', code: 'processing', text: error.message }];
  }
}

const idIssues = (resource: JsonObject, id: string | undefined): Issue[] =>
  id === undefined || resource.id === id
    ? []
    : [{ severity: 'error', code: 'value', text: 'Expected the id of the URL', at: `${resource.resourceType}.id` }];

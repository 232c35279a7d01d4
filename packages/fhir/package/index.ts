import { fault, isFault, type JsonObject } from '@safeguard/kernel';
import { isResourceType } from '../definitions.ts';
import { parseJson } from '../json.ts';
import { isObject } from '../object.ts';
import { textAt, textsAt } from '../profile/definition.ts';
import { type ArchiveLimits, archive_limits, eachFile } from './archive.ts';

/** A FHIR NPM package (https://hl7.org/fhir/packages.html), unpacked. */
export interface FhirPackage {
  readonly name: string;
  readonly version: string;
  readonly fhirVersions: readonly string[];
  readonly canonical?: string;
  /** name → version, as written. */
  readonly dependencies: Readonly<Record<string, string>>;
  /** The resources of `package/`, in the order of their file names. */
  readonly resources: readonly JsonObject[];
  /** Those of `package/example` and `package/examples`. */
  readonly examples: readonly JsonObject[];
}

const manifestPath = 'package/package.json';
const content = /^package\/(examples?\/)?[^/]+\.json$/;
const wanted = (path: string): boolean => content.test(path) && !path.endsWith('/.index.json');

const nameForm = /^[a-z0-9][a-z0-9._-]{0,213}$/i;
const versionForm = /^[A-Za-z0-9][A-Za-z0-9.+-]{0,63}$/;

function read(path: string, bytes: Buffer): unknown {
  try {
    return parseJson(bytes);
  } catch (error) {
    if (!isFault(error)) throw error;
    // The file's name is not repeated: it is whoever packed it who chose it.
    const what = path === manifestPath ? 'package.json' : 'every .json file of the package';
    throw fault('malformed', `expected ${what} to be JSON`, { cause: error });
  }
}

function dependenciesOf(manifest: JsonObject): Record<string, string> {
  const given = manifest['dependencies'];
  if (!isObject(given)) return {};
  return Object.fromEntries(
    Object.entries(given).filter((pair): pair is [string, string] => typeof pair[1] === 'string'),
  );
}

/** `fhirVersions` as the specification has it; `fhir-version-list` and `fhirVersion` as older packages do. */
function versionsOf(manifest: JsonObject): string[] {
  const lists = ['fhirVersions', 'fhir-version-list'].map((name) => textsAt(manifest, name));
  const found = lists.find((list) => list.length > 0);
  return found ?? [textAt(manifest, 'fhirVersion')].filter((one) => one !== undefined);
}

const isResource = (value: unknown): value is JsonObject => {
  const type = isObject(value) ? textAt(value, 'resourceType') : undefined;
  return type !== undefined && isResourceType(type);
};

/**
 * Unpacks a FHIR package (.tgz): at most 512 MiB and 50,000 entries, nothing outside `package/`, no links. JSON files
 * that hold no resource of R4 are passed over. Throws Fault `malformed`, `tooLarge` or `unprocessable`.
 */
export async function readPackage(bytes: Buffer, limits: ArchiveLimits = archive_limits): Promise<FhirPackage> {
  const files = new Map<string, unknown>();
  await eachFile(bytes, wanted, (path, found) => files.set(path, read(path, found)), limits);
  const manifest = files.get(manifestPath);
  const [name, version] = isObject(manifest) ? [textAt(manifest, 'name'), textAt(manifest, 'version')] : [];
  if (!isObject(manifest) || name === undefined || version === undefined || !nameForm.test(name)) {
    throw fault('unprocessable', 'expected package/package.json with a name and a version');
  }
  const sorted = [...files].sort(([one], [other]) => (one < other ? -1 : 1));
  const resourcesAt = (inside: boolean): JsonObject[] =>
    sorted
      .filter(([path]) => /^package\/examples?\//.test(path) === inside)
      .map(([, value]) => value)
      .filter(isResource);
  const canonical = textAt(manifest, 'canonical');
  return {
    name,
    version,
    fhirVersions: versionsOf(manifest),
    ...(canonical === undefined ? {} : { canonical }),
    dependencies: dependenciesOf(manifest),
    resources: resourcesAt(false),
    examples: resourcesAt(true),
  };
}

/** The package server that HL7's package specification names. */
const registry = 'https://packages.fhir.org';

/**
 * Where a registry serves a package; `latest` where no version is given. Pure: who calls it does the request. Throws
 * Fault `invalid` for what can be no name or version.
 */
export function registryUrl(name: string, version = 'latest', base: string = registry): string {
  if (!nameForm.test(name)) throw fault('invalid', 'expected the name of a FHIR package, such as hl7.fhir.us.core');
  if (!versionForm.test(version)) throw fault('invalid', 'expected the version of a FHIR package, such as 6.1.0');
  return `${base.replace(/\/+$/, '')}/${encodeURIComponent(name)}/${encodeURIComponent(version)}`;
}

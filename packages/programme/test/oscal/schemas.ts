import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv, type ValidateFunction } from 'ajv';
import formats from 'ajv-formats';
import { type OscalVersion, oscalVersions } from '../../oscal/oscal.ts';

/** NIST's schemas and examples, which lie beside the repository and not in it. */
const shared = join(import.meta.dirname, '../../../../../shared/data/oscal');
const isThere = existsSync(shared);

/** Why the tests against NIST's schemas do not run; false: they run. */
export const skip: string | false = isThere ? false : `SKIPPED, NOT CHECKED: NIST's OSCAL schemas are not at ${shared}`;
if (skip !== false) process.emitWarning(skip);

const json = (path: string): unknown => JSON.parse(readFileSync(join(shared, path), 'utf8'));

const compiled = new Map<OscalVersion, ValidateFunction>();

function validator(version: OscalVersion): ValidateFunction {
  const known = compiled.get(version);
  if (known !== undefined) return known;
  const ajv = new Ajv({ strict: false, allErrors: false });
  (formats as unknown as (ajv: Ajv) => void)(ajv);
  const made = ajv.compile(json(`oscal_complete_schema-${version.replaceAll('.', '-')}.json`) as object);
  compiled.set(version, made);
  return made;
}

/** Undefined: valid. Else what is wrong first. */
export function wrongWith(document: unknown, version: OscalVersion): string | undefined {
  const validate = validator(version);
  if (validate(document)) return undefined;
  const told = (validate.errors ?? []).filter(({ keyword }) => keyword !== 'oneOf').slice(-12);
  return told
    .map(({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`)
    .join('\n');
}

export const examples = (): readonly { name: string; document: unknown }[] =>
  readdirSync(join(shared, 'examples')).map((name) => ({ name, document: json(`examples/${name}`) }));

export { oscalVersions };

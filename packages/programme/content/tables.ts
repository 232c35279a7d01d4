import { citationProblem, parseCitation } from './citation.ts';
import type { Problems } from './problems.ts';
import { crosswalkFile, needsFile, organizationFile, profileFile, subprocessorsFile } from './schemas.ts';
import type { Content, Crosswalk, Need, Profile, Subprocessor } from './types.ts';
import { shaped, type YamlSource } from './yaml.ts';

const nameOf = (file: string): string => file.replace(/^.*\/|\.yaml$/g, '');

/** `program/profiles/<id>.yaml`. Paragraphs of what is proposed need not exist in the regulation. */
export function readProfile(source: YamlSource, problems: Problems): Profile | undefined {
  const file = shaped(source, profileFile, problems);
  for (const [index, { citation }] of (file?.rows ?? []).entries()) {
    const inForce = file?.status === 'in-force' || (file?.status === 'framework' && citation.startsWith('45 CFR'));
    const problem = inForce ? citationProblem(citation) : undefined;
    const formless = file?.status === 'proposed' && parseCitation(citation) === undefined;
    const text = formless ? 'not a citation of the form 45 CFR 164.308(a)(1)' : problem;
    if (text !== undefined) problems.add(source.file, source.line(['rows', index, 'citation']), text);
  }
  return file && { id: nameOf(source.file), ...file };
}

/** `program/crosswalks/<id>.yaml` */
export function readCrosswalk(source: YamlSource, problems: Problems): Crosswalk | undefined {
  const file = shaped(source, crosswalkFile, problems);
  return file && { id: nameOf(source.file), ...file, ids: new Map(Object.entries(file.ids)) };
}

/** `program/needs.yaml` */
export function readNeeds(source: YamlSource, problems: Problems): readonly Need[] {
  const needs = shaped(source, needsFile, problems)?.needs ?? [];
  for (const [index, { id }] of needs.entries()) {
    if (needs.findIndex((other) => other.id === id) === index) continue;
    problems.add(source.file, source.line(['needs', index]), `there are two needs ${id}`);
  }
  return needs;
}

/** `program/subprocessors.yaml` */
export const readSubprocessors = (source: YamlSource, problems: Problems): readonly Subprocessor[] =>
  (shaped(source, subprocessorsFile, problems)?.subprocessors ?? []).map(({ agreement, ...rest }) =>
    agreement === undefined ? rest : { ...rest, agreement },
  );

/** `program/organization.yaml` */
export const readOrganization = (source: YamlSource, problems: Problems): Content['organization'] | undefined =>
  shaped(source, organizationFile, problems);

import { citationProblem } from './citation.ts';
import { type Problems, placeOf } from './problems.ts';
import { type ParameterEntry, parametersFile } from './schemas.ts';
import type { Parameter } from './types.ts';
import { formulaOf, outside, resolveValues } from './values.ts';
import { shaped, type YamlSource } from './yaml.ts';

/** `program/parameters.yaml` */
export function readParameters(source: YamlSource, problems: Problems): Map<string, Parameter> {
  const groups = shaped(source, parametersFile, problems) ?? {};
  const entries = new Map(
    Object.entries(groups).flatMap(([group, inner]) =>
      Object.entries(inner).map(([name, entry]): [string, ParameterEntry] => [`${group}.${name}`, entry]),
    ),
  );
  const tell = (name: string, text: string, ...below: readonly PropertyKey[]): void =>
    problems.add(source.file, source.line([...name.split('.'), ...below]), `${name}: ${text}`);
  const resolved = resolveValues(new Map([...entries].map(([name, { value }]) => [name, value])));
  for (const { name, text } of resolved.problems) tell(name, text, 'value');
  const parameters = new Map<string, Parameter>();
  for (const [name, entry] of entries) {
    const value = resolved.values.get(name);
    check(entry, value, (text, ...below) => tell(name, text, ...below));
    const line = source.line(name.split('.'));
    if (value !== undefined) parameters.set(name, made(name, entry, value, placeOf(source.file, line)));
  }
  const settings = new Set<string>();
  for (const [name, { setting }] of entries) {
    if (setting === undefined) continue;
    if (settings.has(setting.name)) tell(name, 'another parameter is this setting already', 'setting', 'name');
    settings.add(setting.name);
  }
  return parameters;
}

function check(
  entry: ParameterEntry,
  value: number | string | undefined,
  tell: (text: string, ...below: readonly PropertyKey[]) => void,
): void {
  const problem = value === undefined ? undefined : outside(value, entry);
  if (problem !== undefined) tell(problem, 'value');
  if ((entry.least ?? 0) > (entry.most ?? Number.POSITIVE_INFINITY)) tell('least is more than most', 'least');
  for (const [index, citation] of entry.serves.entries()) {
    const wrong = citationProblem(citation);
    if (wrong !== undefined) tell(wrong, 'serves', index);
  }
}

function made(name: string, entry: ParameterEntry, value: number | string, place: string): Parameter {
  const { title, unit, least, most, choices, setting, serves, why } = entry;
  const formula = formulaOf(entry.value);
  return {
    name,
    title,
    value,
    ...(unit === undefined ? {} : { unit }),
    ...(least === undefined ? {} : { least }),
    ...(most === undefined ? {} : { most }),
    ...(choices === undefined ? {} : { choices: choices.map(String) }),
    ...(setting === undefined ? {} : { setting }),
    ...(formula === undefined ? {} : { formula }),
    serves,
    why,
    place,
  };
}

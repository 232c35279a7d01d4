import { citationProblem, idOf, parseCitation } from './citation.ts';
import { type Problems, placeOf } from './problems.ts';
import { belongsTo } from './regulation.ts';
import { type ControlEntry, controlsFile } from './schemas.ts';
import type { Control, Family } from './types.ts';
import { shaped, type YamlSource } from './yaml.ts';

/** A control and the source that it stands in, so that what is found later has its line too. */
export interface ReadControl {
  readonly control: Control;
  /** The line of something in it. */
  line(...below: readonly PropertyKey[]): number;
  readonly file: string;
}

/** `program/controls/<family>.yaml` */
export function readControls(source: YamlSource, problems: Problems): ReadControl[] {
  const file = shaped(source, controlsFile, problems);
  if (file === undefined) return [];
  if (source.file !== `controls/${file.family}.yaml`) {
    problems.add(source.file, source.line(['family']), 'the file is not called as its family');
  }
  return file.controls.map((entry, index) => {
    const line = (...below: readonly PropertyKey[]): number => source.line(['controls', index, ...below]);
    const tell = (text: string, ...below: readonly PropertyKey[]): void =>
      problems.add(source.file, line(...below), `${entry.id}: ${text}`);
    checkCitation(entry, file.family, tell);
    checkKind(entry, tell);
    const control: Control = { ...plain(entry), family: file.family, place: placeOf(source.file, line()) };
    return { control, line, file: source.file };
  });
}

type Tell = (text: string, ...below: readonly PropertyKey[]) => void;

function checkCitation({ id, citation }: ControlEntry, family: Family, tell: Tell): void {
  const problem = citationProblem(citation);
  if (problem !== undefined) tell(problem, 'citation');
  const parsed = parseCitation(citation);
  if (parsed === undefined) return;
  if (idOf(parsed) !== id) tell(`the id of this citation is ${idOf(parsed)}`, 'id');
  if (problem === undefined && !belongsTo(parsed.section, family))
    tell('the section is one of another family', 'citation');
}

function checkKind({ kind, standard, level, decision, carried }: ControlEntry, tell: Tell): void {
  if ((kind === 'specification') !== (standard !== undefined)) {
    tell('a specification names its standard, and nothing else does', standard === undefined ? 'kind' : 'standard');
  }
  if (kind === 'specification' && level === 'none') tell('a specification is required or addressable', 'level');
  if (kind === 'standard' && level === 'addressable') tell('a standard is never addressable', 'level');
  if (kind === 'rule' && level !== 'none') tell('a rule is neither required nor addressable: level is none', 'level');
  if ((level === 'addressable') !== (decision !== undefined)) {
    tell(
      'what is addressable has a default decision, and nothing else has',
      decision === undefined ? 'level' : 'decision',
    );
  }
  for (const [line, { by, customer }] of Object.entries(carried)) {
    if (by === 'shared' && customer === undefined)
      tell('what is shared says what is left to the customer', 'carried', line);
  }
}

const without = <T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as never;

function plain(entry: ControlEntry): Omit<Control, 'family' | 'place'> {
  const carried = Object.fromEntries(Object.entries(entry.carried).map(([line, one]) => [line, without(one)]));
  return without({ ...entry, carried }) as unknown as Omit<Control, 'family' | 'place'>;
}

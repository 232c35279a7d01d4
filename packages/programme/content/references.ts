import { extendsStandard, parseCitation } from './citation.ts';
import type { ReadControl } from './controls.ts';
import { dangersIn } from './markdown.ts';
import type { ReadPolicy } from './policy-files.ts';
import type { Problems } from './problems.ts';
import { type Placeholder, placeholdersIn } from './render.ts';
import type { Crosswalk, Need, Parameter, Profile } from './types.ts';
import type { YamlSource } from './yaml.ts';

/** Everything that was read, before it is held against each other. */
export interface Parts {
  readonly controls: readonly ReadControl[];
  readonly parameters: ReadonlyMap<string, Parameter>;
  readonly policies: readonly ReadPolicy[];
  readonly profiles: readonly { readonly profile: Profile; readonly source: YamlSource }[];
  readonly crosswalks: readonly { readonly crosswalk: Crosswalk; readonly source: YamlSource }[];
  readonly needs: { readonly needs: readonly Need[]; readonly source: YamlSource | undefined };
  /** A file of this kind could not be read: what it would have held is not told as missing elsewhere. */
  readonly lost: Readonly<Record<'controls' | 'parameters' | 'policies', boolean>>;
}

/** What names of the content may stand for. */
interface Names {
  readonly controls: ReadonlyMap<string, ReadControl>;
  readonly sections: ReadonlySet<string>;
  readonly policies: ReadonlySet<string>;
  readonly parameters: ReadonlyMap<string, Parameter>;
  readonly checks: ReadonlySet<string>;
  readonly packages: ReadonlySet<string>;
  readonly lost: Parts['lost'];
}

/** Holds every name against what it names, and every text against what may stand in it. */
export function checkReferences(parts: Parts, known: Pick<Names, 'checks' | 'packages'>, problems: Problems): void {
  const names: Names = {
    ...known,
    controls: uniqueControls(parts.controls, problems),
    sections: new Set(parts.policies.flatMap(({ policy }) => policy.sections.map(({ id }) => `${policy.id}#${id}`))),
    policies: new Set(parts.policies.map(({ policy }) => policy.id)),
    parameters: parts.parameters,
    lost: parts.lost,
  };
  for (const one of parts.controls) checkControl(one, names, problems);
  for (const one of parts.policies) checkPolicy(one, names, problems);
  for (const { profile, source } of parts.profiles) {
    const { file, line } = source;
    for (const [index, row] of profile.rows.entries()) {
      checkLists(row, names, (text, ...below) => problems.add(file, line(['rows', index, ...below]), text));
    }
  }
  for (const { crosswalk, source } of parts.crosswalks) {
    for (const id of crosswalk.ids.keys()) {
      if (!names.lost.controls && !names.controls.has(id))
        problems.add(source.file, source.line(['ids', id]), `there is no control ${id}`);
    }
  }
  checkNeeds(parts.needs, names, problems);
}

function uniqueControls(controls: readonly ReadControl[], problems: Problems): Map<string, ReadControl> {
  const unique = new Map<string, ReadControl>();
  for (const one of controls) {
    const other = unique.get(one.control.id);
    if (other === undefined) unique.set(one.control.id, one);
    else problems.add(one.file, one.line('id'), `${one.control.id} stands at ${other.control.place} already`);
  }
  return unique;
}

interface Lists {
  readonly controls?: readonly string[];
  readonly checks?: readonly string[];
}

function checkLists(lists: Lists, names: Names, tell: (text: string, ...below: readonly PropertyKey[]) => void): void {
  for (const [index, id] of (lists.controls ?? []).entries()) {
    if (!names.lost.controls && !names.controls.has(id)) tell(`there is no control ${id}`, 'controls', index);
  }
  for (const [index, id] of (lists.checks ?? []).entries()) {
    if (!names.checks.has(id)) tell(`there is no check ${id}`, 'checks', index);
  }
}

function checkControl({ control, line, file }: ReadControl, names: Names, problems: Problems): void {
  const { id, policies, mechanisms, approach } = control;
  const tell = (text: string, ...below: readonly PropertyKey[]): void =>
    problems.add(file, line(...below), `${id}: ${text}`);
  checkStandard(control, names, tell);
  checkLists({ checks: control.checks }, names, tell);
  for (const [index, section] of policies.entries()) {
    if (!names.lost.policies && !names.sections.has(section)) tell(`there is no section ${section}`, 'policies', index);
  }
  for (const [index, mechanism] of mechanisms.entries()) {
    if (!names.packages.has(mechanism.package)) {
      tell(`there is no package ${mechanism.package}`, 'mechanisms', index, 'package');
    }
    for (const [at, name] of mechanism.parameters.entries()) {
      if (!names.lost.parameters && !names.parameters.has(name))
        tell(`there is no parameter ${name}`, 'mechanisms', index, 'parameters', at);
    }
  }
  checkText(approach, names, (text) => tell(text, 'approach'));
  for (const [text = '', ...below] of otherTexts(control)) {
    if (placeholdersIn(text).length > 0) tell('placeholders are filled in in `approach` and policies only', ...below);
    for (const danger of dangersIn(text)) tell(`${danger.text} is refused`, ...below);
  }
}

type TextAt = readonly [string | undefined, ...PropertyKey[]];

/** Texts that are shown as they are, and where they stand. */
const otherTexts = ({ requirement, decision, applies, mechanisms, carried }: ReadControl['control']): TextAt[] => [
  [requirement, 'requirement'],
  [decision?.why, 'decision', 'why'],
  [applies?.otherwise, 'applies', 'otherwise'],
  ...mechanisms.map(({ does }, index): TextAt => [does, 'mechanisms', index, 'does']),
  ...Object.entries(carried).map(([line, { customer }]): TextAt => [customer, 'carried', line, 'customer']),
];

function checkStandard(
  { id, citation, kind, standard, level }: ReadControl['control'],
  names: Names,
  tell: ByPath,
): void {
  const specifications = [...names.controls.values()].filter(({ control }) => control.standard === id);
  if (!names.lost.controls && kind === 'standard' && (level === 'none') !== specifications.length > 0) {
    tell('a standard is required where it has no specifications, and none where it has', 'level');
  }
  if (standard === undefined) return;
  const found = names.controls.get(standard)?.control;
  if (found === undefined && !names.lost.controls) tell(`there is no control ${standard}`, 'standard');
  if (found === undefined) return;
  if (found.kind !== 'standard') tell(`${standard} is no standard`, 'standard');
  const [own, above] = [parseCitation(citation), parseCitation(found.citation)];
  if (own === undefined || above === undefined || extendsStandard(own, above)) return;
  tell('the citation does not stand below that of its standard', 'citation');
}

type ByPath = (text: string, ...below: readonly PropertyKey[]) => void;

/** Placeholders that name parameters and do not say their unit twice, and nothing that is more than text. */
function checkText(text: string, names: Names, tell: (text: string) => void): void {
  for (const one of placeholdersIn(text)) checkPlaceholder(one, names, tell);
  for (const { text: what } of dangersIn(text)) tell(`${what} is refused`);
}

function checkPlaceholder(placeholder: Placeholder, names: Names, tell: (text: string) => void): void {
  const { name = '', worded, after } = placeholder;
  const unit = names.parameters.get(name)?.unit;
  if (name === '') tell('not a placeholder of the form {{group.name}} or {{group.name|words}}');
  else if (!names.lost.parameters && !names.parameters.has(name)) tell(`there is no parameter ${name}`);
  else if (worded && unit !== undefined && saysUnit(after, unit))
    tell(`{{${name}|words}} says its unit, ${unit}, itself`);
}

const saysUnit = (after: string, unit: string): boolean => {
  const stem = unit.replace(/s$/, '').toLowerCase();
  return after
    .replace(/^[\s-]+/, '')
    .toLowerCase()
    .startsWith(stem);
};

function checkPolicy({ policy, file, front, before }: ReadPolicy, names: Names, problems: Problems): void {
  for (const [index, id] of policy.satisfies.entries()) {
    if (names.lost.controls || names.controls.has(id)) continue;
    problems.add(file, front.line(['satisfies', index]), `there is no control ${id}`);
  }
  const placeholders = placeholdersIn(policy.text);
  for (const one of placeholders) {
    checkPlaceholder(one, names, (text) => problems.add(file, before + one.line, text));
  }
}

function checkNeeds({ needs, source }: Parts['needs'], names: Names, problems: Problems): void {
  if (source === undefined) return;
  for (const [index, need] of needs.entries()) {
    const at = (...below: readonly PropertyKey[]): number => source.line(['needs', index, ...below]);
    checkLists(need, names, (text, ...below) => problems.add(source.file, at(...below), text));
    checkText(need.approach, names, (text) => problems.add(source.file, at('approach'), text));
  }
}

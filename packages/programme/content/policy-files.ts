import type { SourceFile } from './files.ts';
import { dangersIn, type Heading, headingsOf, slugOf } from './markdown.ts';
import { type Problems, placeOf } from './problems.ts';
import { frontMatter } from './schemas.ts';
import type { PolicySection, PolicyText } from './types.ts';
import { readYaml, shaped, type YamlSource } from './yaml.ts';

/** A policy with what is needed to tell where something in it stands. */
export interface ReadPolicy {
  readonly policy: PolicyText;
  readonly file: string;
  readonly front: YamlSource;
  /** Lines of the file above `policy.text`. */
  readonly before: number;
}

/** `program/policies/<id>.md` */
export function readPolicy(file: SourceFile, problems: Problems): ReadPolicy | undefined {
  const lines = file.text.split(/\r?\n/);
  const end = lines.indexOf('---', 1);
  if (lines[0] !== '---' || end < 0) {
    problems.add(file.path, 1, 'expected front matter between two lines of ---');
    return undefined;
  }
  const source = readYaml(file.path, lines.slice(1, end).join('\n'), problems, 1);
  const front = source && shaped(source, frontMatter, problems);
  const before = end + 1;
  const text = lines.slice(before).join('\n');
  for (const { line, text: what } of dangersIn(text)) problems.add(file.path, before + line, `${what} is refused`);
  const headings = headingsOf(text);
  const [first] = headings.filter(({ level }) => level === 1);
  if (source === undefined || front === undefined) return undefined;
  const { title, inherited, ...rest } = front;
  if (first === undefined || first.title !== title || headings.filter(({ level }) => level === 1).length > 1) {
    problems.add(file.path, before + (first?.line ?? 0) + 1, 'expected one heading of the first level: the title');
  }
  const sections = sectionsOf(text, headings, (section) => {
    const other = inherited.default === 'locked' ? inherited.editable : inherited.locked;
    return other.includes(section) ? (inherited.default === 'locked' ? 'editable' : 'locked') : inherited.default;
  });
  checkSections(file.path, before, sections, problems);
  for (const kind of ['locked', 'editable'] as const) {
    for (const [index, id] of inherited[kind].entries()) {
      if (sections.some(({ section }) => section.id === id)) continue;
      problems.add(file.path, source.line(['inherited', kind, index]), `${id} is no section of this policy`);
    }
  }
  const policy: PolicyText = {
    id: file.path.replace(/^policies\/|\.md$/g, ''),
    title,
    ...rest,
    sections: sections.map(({ section }) => section),
    text,
    digest: file.digest,
    place: placeOf(file.path, 1),
  };
  return { policy, file: file.path, front: source, before };
}

interface Found {
  readonly section: PolicySection;
  readonly line: number;
}

/** From each heading of the second level to the next. */
function sectionsOf(
  text: string,
  headings: readonly Heading[],
  inherited: (section: string) => PolicySection['inherited'],
): Found[] {
  const lines = text.split('\n');
  const second = headings.filter(({ level }) => level === 2);
  return second.map(({ title, line }, index) => {
    const id = slugOf(title);
    const section = lines
      .slice(line, second[index + 1]?.line)
      .join('\n')
      .trimEnd();
    return { section: { id, title, inherited: inherited(id), text: section }, line };
  });
}

function checkSections(file: string, before: number, sections: readonly Found[], problems: Problems): void {
  if (sections.length === 0) problems.add(file, before + 1, 'a policy has at least one section (##)');
  const ids = new Set<string>();
  for (const { section, line } of sections) {
    if (section.id === '') problems.add(file, before + line + 1, 'the heading gives no id: it has no letter or digit');
    else if (ids.has(section.id)) problems.add(file, before + line + 1, `there are two sections ${section.id}`);
    ids.add(section.id);
  }
}

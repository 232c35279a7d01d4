import { paragraphs, sections } from './regulation.ts';

const form = /^45 CFR (1[0-9]{2}\.[0-9]{3})((?:\([0-9A-Za-z]{1,5}\))*)$/;

/** A citation taken apart: `164.308`, and `['a', '1', 'ii', 'D']`. */
export interface Citation {
  readonly section: string;
  readonly levels: readonly string[];
}

/** Undefined: not of the form `45 CFR 164.308(a)(1)(ii)(D)`. */
export function parseCitation(text: string): Citation | undefined {
  const [, section, rest = ''] = form.exec(text) ?? [];
  return section === undefined ? undefined : { section, levels: rest.split(/[()]+/).filter((level) => level !== '') };
}

/** `164.308-a-1-ii-D` */
export const idOf = ({ section, levels }: Citation): string => [section, ...levels].join('-');

/**
 * What is wrong with a citation, or undefined. Sections that the programme does not know are refused; in Subpart C
 * (164.306 to 316), which it knows whole, also paragraphs that do not exist.
 */
export function citationProblem(text: string): string | undefined {
  const citation = parseCitation(text);
  if (citation === undefined) return 'not a citation of the form 45 CFR 164.308(a)(1)(ii)(D)';
  const { section } = citation;
  if (!sections.has(section)) return `the programme knows no section ${section} of 45 CFR`;
  const known = paragraphs.get(section);
  if (known !== undefined && !known.has(idOf(citation))) return `${section} of 45 CFR has no such paragraph`;
  return undefined;
}

/**
 * Whether a specification can stand under a standard: its paragraph is another one, and begins with the paragraph
 * that the standard's own stands in: 164.308(a)(1)(ii)(D) under (a)(1)(i), 164.312(a)(2)(iv) under (a)(1).
 */
export function extendsStandard(specification: Citation, standard: Citation): boolean {
  const around = standard.levels.slice(0, Math.max(1, standard.levels.length - 1));
  return (
    specification.section === standard.section &&
    idOf(specification) !== idOf(standard) &&
    specification.levels.length > around.length &&
    around.every((level, index) => specification.levels[index] === level)
  );
}

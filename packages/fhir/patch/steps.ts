/** One step of a path: a member with an index or without, or anything else (a function, a type, a bracketed start). */
export interface Step {
  readonly text: string;
  /** Absent: it is no member. */
  readonly member?: string;
  readonly index?: number;
}

const memberForm = /^(?:([A-Za-z_]\w*)|`([A-Za-z_]\w*)`)(?:\[([0-9]{1,6})\])?$/;
/** What else may stand between two dots: a function, a variable, brackets; no operator that would bind differently. */
const otherForm = /^(?:[%$]?[A-Za-z_]\w*(?:\(.*\))?|\(.*\))(?:\[[^\]]*\])*$/s;

function stepOf(text: string): Step | undefined {
  const [, plain, quoted, index] = memberForm.exec(text) ?? [];
  const member = plain ?? quoted;
  if (member !== undefined) return { text, member, ...(index === undefined ? {} : { index: Number(index) }) };
  return otherForm.test(text) ? { text } : undefined;
}

/** Ends of the quoted text that begins at `at`. */
function quoteEnd(path: string, at: number): number {
  let end = at + 1;
  while (end < path.length && path[end] !== path[at]) end += path[end] === '\\' ? 2 : 1;
  return end;
}

/** The texts between the dots that stand in no brackets and no quotes; undefined where brackets do not close. */
function split(path: string): string[] | undefined {
  const texts: string[] = [];
  let from = 0;
  let depth = 0;
  for (let at = 0; at < path.length; at++) {
    const character = path.charAt(at);
    if (`'"\``.includes(character)) at = quoteEnd(path, at);
    else if ('(['.includes(character)) depth += 1;
    else if (')]'.includes(character)) depth -= 1;
    else if (character === '.' && depth === 0) {
      texts.push(path.slice(from, at));
      from = at + 1;
    }
    if (depth < 0) return undefined;
  }
  return depth === 0 ? [...texts, path.slice(from)] : undefined;
}

/**
 * The steps of a FHIRPath expression that is one chain of steps, as every path of a patch is; undefined for others,
 * such as `a | b`. Whether the steps themselves are right is the engine's to say.
 */
export function stepsOf(path: string): readonly Step[] | undefined {
  const steps = split(path)?.map((text) => stepOf(text.trim()));
  return steps?.every((step) => step !== undefined) ? steps : undefined;
}

import { unanswerable } from '../refuse.ts';
import type { Rule } from './syntax.ts';

/** One instruction of the machine; `next` and `other` are places of instructions, the first is tried first. */
type Instruction =
  | { readonly op: 'set'; readonly has: (code: number) => boolean }
  | { readonly op: 'edge'; readonly edge: 'start' | 'end' | 'word' | 'inside' }
  | { readonly op: 'save'; readonly slot: number }
  | { readonly op: 'split'; readonly next: number; readonly other: number }
  | { readonly op: 'jump'; readonly next: number }
  | { readonly op: 'match' };

export type Program = readonly Instruction[];

const size_limit = 4000;

function emit(program: Instruction[], instruction: Instruction): number {
  if (program.length >= size_limit) throw unanswerable('a regular expression is too large');
  return program.push(instruction) - 1;
}

/** A loop or an optional part: `least` times, then up to `most`. */
function many(program: Instruction[], rule: Extract<Rule, { kind: 'many' }>): void {
  const { of, least, most, lazy } = rule;
  for (let time = 0; time < least; time++) assemble(program, of);
  const split = (body: number, after: number): Instruction =>
    lazy ? { op: 'split', next: after, other: body } : { op: 'split', next: body, other: after };
  if (most === Number.POSITIVE_INFINITY) {
    const at = emit(program, { op: 'match' });
    assemble(program, of);
    emit(program, { op: 'jump', next: at });
    program[at] = split(at + 1, program.length);
    return;
  }
  const places: number[] = [];
  for (let time = least; time < most; time++) {
    places.push(emit(program, { op: 'match' }));
    assemble(program, of);
  }
  for (const at of places) program[at] = split(at + 1, program.length);
}

function choices(program: Instruction[], of: readonly Rule[]): void {
  const ends: number[] = [];
  for (const [place, one] of of.entries()) {
    if (place === of.length - 1) {
      assemble(program, one);
      break;
    }
    const at = emit(program, { op: 'match' });
    assemble(program, one);
    ends.push(emit(program, { op: 'match' }));
    program[at] = { op: 'split', next: at + 1, other: program.length };
  }
  for (const at of ends) program[at] = { op: 'jump', next: program.length };
}

function assemble(program: Instruction[], rule: Rule): void {
  switch (rule.kind) {
    case 'set':
      emit(program, { op: 'set', has: rule.has });
      return;
    case 'edge':
      emit(program, { op: 'edge', edge: rule.edge });
      return;
    case 'row':
      for (const one of rule.of) assemble(program, one);
      return;
    case 'choice':
      choices(program, rule.of);
      return;
    case 'group':
      emit(program, { op: 'save', slot: rule.number * 2 });
      assemble(program, rule.of);
      emit(program, { op: 'save', slot: rule.number * 2 + 1 });
      return;
    case 'many':
      many(program, rule);
  }
}

export function programOf(rule: Rule): Program {
  const program: Instruction[] = [];
  emit(program, { op: 'save', slot: 0 });
  assemble(program, rule);
  emit(program, { op: 'save', slot: 1 });
  emit(program, { op: 'match' });
  return program;
}

interface Thread {
  readonly at: number;
  readonly slots: readonly number[];
}

const isWord = (text: string, at: number): boolean => at >= 0 && at < text.length && /\w/.test(text[at] as string);

function holds(edge: 'start' | 'end' | 'word' | 'inside', text: string, at: number): boolean {
  if (edge === 'start') return at === 0;
  if (edge === 'end') return at === text.length;
  return (isWord(text, at - 1) !== isWord(text, at)) === (edge === 'word');
}

/** Follows what reads no character, the first choice first; each place of the program once per character. */
function follow(program: Program, text: string, at: number, first: Thread, threads: Thread[], seen: Set<number>): void {
  const open = [first];
  for (let thread = open.pop(); thread; thread = open.pop()) {
    if (seen.has(thread.at)) continue;
    seen.add(thread.at);
    const instruction = program[thread.at] as Instruction;
    if (instruction.op === 'jump') open.push({ ...thread, at: instruction.next });
    else if (instruction.op === 'split') {
      open.push({ ...thread, at: instruction.other }, { ...thread, at: instruction.next });
    } else if (instruction.op === 'save') {
      open.push({ at: thread.at + 1, slots: thread.slots.with(instruction.slot, at) });
    } else if (instruction.op !== 'edge') threads.push(thread);
    else if (holds(instruction.edge, text, at)) open.push({ ...thread, at: thread.at + 1 });
  }
}

/**
 * The first match at or after `from`, by the rules of backtracking engines, in time linear in the text: all ways are
 * followed at once (R. Pike, K. Thompson). Slots: start and end of the match, then of each group, -1 where it is not
 * part of it. `spend` is told the steps.
 */
export function run(
  program: Program,
  slots: number,
  text: string,
  from: number,
  spend: (steps: number) => void,
): readonly number[] | undefined {
  const none: readonly number[] = new Array(slots).fill(-1);
  let found: readonly number[] | undefined;
  let threads: Thread[] = [];
  for (let at = from; at <= text.length; ) {
    const seen = new Set<number>();
    const here: Thread[] = [];
    for (const thread of threads) follow(program, text, at, thread, here, seen);
    if (!found) follow(program, text, at, { at: 0, slots: none }, here, seen);
    spend(seen.size + 1);
    const code = text.codePointAt(at) ?? -1;
    threads = [];
    for (const thread of here) {
      const instruction = program[thread.at] as Instruction;
      if (instruction.op === 'match') {
        found = thread.slots;
        break;
      }
      if (code >= 0 && instruction.op === 'set' && instruction.has(code))
        threads.push({ ...thread, at: thread.at + 1 });
    }
    if (found && threads.length === 0) return found;
    at += code > 0xffff ? 2 : 1;
  }
  return found;
}

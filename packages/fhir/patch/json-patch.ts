import { type Fault, fault, type JsonObject } from '@safeguard/kernel';
import { isObject, ownValue } from '../object.ts';
import { type Allowance, deepCopy, patchAllowance, setOwn, wholeAllowance } from './copy.ts';
import { sameJson } from './equal.ts';
import { holderAt, indexOf, isBelow, type Pointer, readPointer, valueAt } from './pointer.ts';

/** Most operations of one patch. */
export const operation_limit = 1000;

type Verb = 'add' | 'remove' | 'replace' | 'move' | 'copy' | 'test';

interface Operation {
  readonly op: Verb;
  readonly path: Pointer;
  readonly from: Pointer;
  readonly value: unknown;
  /** Which one it is, for a Fault; counted from 0. */
  readonly index: number;
}

/** The patch at work: its own copy of the resource. */
interface Work {
  root: unknown;
  readonly allowance: Allowance;
}

/** Members that an operation needs beside its path. */
const needs: Readonly<Record<Verb, { readonly value?: true; readonly from?: true }>> = {
  add: { value: true },
  remove: {},
  replace: { value: true },
  move: { from: true },
  copy: { from: true },
  test: { value: true },
};

const malformed = (index: number, what: string): Fault => {
  const text = `Operation ${index} of the patch: ${what}`;
  return fault('invalid', text, { issues: [{ severity: 'error', code: 'structure', text }] });
};

/** The patch is well-formed, and the resource is not what it expects: nothing is changed. */
const failed = ({ index, op }: Operation, what: string): Fault => {
  const text = `Operation ${index} of the patch (${op}): ${what}`;
  return fault('unprocessable', text, { issues: [{ severity: 'error', code: 'processing', text }] });
};

const isVerb = (value: unknown): value is Verb => typeof value === 'string' && Object.hasOwn(needs, value);

function readOperation(given: unknown, index: number): Operation {
  if (!isObject(given)) throw malformed(index, 'expected an object.');
  const op = ownValue(given, 'op');
  if (!isVerb(op)) throw malformed(index, `expected "op" to be one of ${Object.keys(needs).join(', ')}.`);
  for (const name of Object.keys(needs[op])) {
    if (!Object.hasOwn(given, name)) throw malformed(index, `expected "${name}", which ${op} needs.`);
  }
  const path = readPointer(ownValue(given, 'path'));
  const from = needs[op].from ? readPointer(given.from) : [];
  if (path === undefined || from === undefined) throw malformed(index, 'expected a JSON Pointer (RFC 6901).');
  return { op, path, from, value: ownValue(given, 'value'), index };
}

/** The operations, if they are such: RFC 6902 3 and 4. Members that it does not name are left alone. */
function readOperations(operations: unknown): Operation[] {
  if (!Array.isArray(operations)) throw fault('invalid', 'Expected a JSON Patch: a list of operations.');
  if (operations.length > operation_limit) {
    throw fault('tooLarge', `Expected at most ${operation_limit} operations in one patch.`);
  }
  return operations.map(readOperation);
}

function put(work: Work, operation: Operation, value: unknown): void {
  const last = operation.path.at(-1);
  if (last === undefined) {
    work.root = value;
    return;
  }
  const holder = holderAt(work.root, operation.path);
  if (holder === undefined) throw failed(operation, 'there is nothing that could hold what its path names.');
  if (!Array.isArray(holder)) {
    setOwn(holder, last, value);
    return;
  }
  const at = indexOf(last, holder.length);
  if (at === undefined) throw failed(operation, 'its path names no place in the list.');
  holder.splice(at, 0, value);
}

function existing(work: Work, operation: Operation, pointer: Pointer): unknown {
  const { found, value } = valueAt(work.root, pointer);
  if (!found) throw failed(operation, 'what it names is not in the resource.');
  return value;
}

/** Takes a value away from its place, where it was found before. */
function take(work: Work, operation: Operation, pointer: Pointer): unknown {
  const value = existing(work, operation, pointer);
  const last = pointer.at(-1);
  if (last === undefined) throw failed(operation, 'a whole resource cannot be taken away.');
  const holder = holderAt(work.root, pointer);
  if (Array.isArray(holder)) holder.splice(Number(last), 1);
  else if (holder !== undefined) delete holder[last];
  return value;
}

function replace(work: Work, operation: Operation): void {
  existing(work, operation, operation.path);
  const last = operation.path.at(-1);
  const holder = last === undefined ? undefined : holderAt(work.root, operation.path);
  const value = deepCopy(operation.value, work.allowance);
  if (last === undefined || holder === undefined) work.root = value;
  else if (Array.isArray(holder)) holder[Number(last)] = value;
  else setOwn(holder, last, value);
}

function move(work: Work, operation: Operation): void {
  if (isBelow(operation.path, operation.from)) throw failed(operation, 'a value cannot be moved into itself.');
  const value = existing(work, operation, operation.from);
  if (operation.from.length === 0) return;
  take(work, operation, operation.from);
  put(work, operation, value);
}

const verbs: Readonly<Record<Verb, (work: Work, operation: Operation) => void>> = {
  add: (work, operation) => put(work, operation, deepCopy(operation.value, work.allowance)),
  remove: (work, operation) => void take(work, operation, operation.path),
  replace,
  move,
  copy: (work, operation) => put(work, operation, deepCopy(existing(work, operation, operation.from), work.allowance)),
  test(work, operation) {
    if (!sameJson(existing(work, operation, operation.path), operation.value)) {
      throw failed(operation, 'the test failed: another value stands there.');
    }
  },
};

/**
 * Applies a JSON Patch (RFC 6902; FHIR R4 3.1.0.8) to a resource and gives the patched one; the resource itself stays
 * as it is, and so it is all or nothing. Numbers keep their digits; `test` compares them by value. The result is JSON
 * that may not be FHIR any more (an empty list, another id): validate it. Throws Fault `invalid` for what is no JSON
 * Patch, `unprocessable` when a path leads nowhere or a test fails, `tooLarge` beyond 1,000 operations or 16 MiB of
 * copies.
 */
export function jsonPatch(resource: JsonObject, operations: unknown): JsonObject {
  const list = readOperations(operations);
  const work: Work = { root: deepCopy(resource, wholeAllowance()), allowance: patchAllowance() };
  for (const operation of list) verbs[operation.op](work, operation);
  if (!isObject(work.root)) throw fault('unprocessable', 'The patch leaves no resource.');
  // `move` can nest what it moves: this last copy is made for its checks.
  return deepCopy(work.root, wholeAllowance());
}

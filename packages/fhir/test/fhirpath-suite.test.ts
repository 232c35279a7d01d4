import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { isFault } from '@safeguard/kernel';
import { compilePath, isRawNumber, numberText, type PathNode } from '../index.ts';
import { inputNamed } from './fhirpath-inputs.ts';
import { readVectors, type Vector } from './fhirpath-vectors.ts';
import { shared } from './shared.ts';

/** What the suite asks and the engine answers otherwise; packages/fhir/fhirpath/README.md says why. */
const missed: readonly string[] = [
  'testPolymorphismAsB',
  'testDollarOrderNotAllowed',
  'LowBoundaryDecimal15',
  'HighBoundaryDecimal15',
  'HighBoundaryDecimal16',
];

function shown({ value, type }: PathNode): string {
  const number = numberText(value);
  if (number !== undefined) return number;
  if (type === 'System.Quantity' && typeof value === 'object' && value !== null && !isRawNumber(value)) {
    const { value: amount, unit } = value as { value: unknown; unit: string };
    return `${numberText(amount)} '${unit}'`;
  }
  return String(value);
}

/** `@2014-01`, `@T10:30` as FHIR writes them; numbers by their value where the suite gives the type. */
function expected({ type, text }: Vector['outputs'][number]): string {
  if (type === 'integer' || type === 'decimal') return String(Number(text));
  return text.replace(/^@T?/, '');
}

function answers({ expression, input, predicate, outputs }: Vector): boolean {
  const focus = input === undefined ? undefined : inputNamed(input);
  const path = compilePath(expression, { strict: true });
  const nodes = path.nodes(focus);
  if (predicate) return outputs[0]?.text === String(nodes.length > 0);
  const found = nodes.map((node, at) => {
    const type = outputs[at]?.type;
    return type === 'decimal' || type === 'integer' ? String(Number(shown(node))) : shown(node);
  });
  return found.length === outputs.length && outputs.every((output, at) => expected(output) === found[at]);
}

function passes(vector: Vector): boolean {
  try {
    return answers(vector) && vector.invalid === undefined;
  } catch (error) {
    if (!isFault(error)) throw error;
    return vector.invalid !== undefined;
  }
}

const file = shared('vectors/fhir/tests-fhir-r4.xml');

test('FHIRPath: the suite of HL7 for R4', { skip: !file }, (context) => {
  const vectors = readVectors(readFileSync(file ?? '', 'utf8'));
  const failing = vectors.filter((vector) => !passes(vector)).map(({ name }) => name);
  context.diagnostic(`${vectors.length - failing.length} of ${vectors.length} pass`);
  assert.equal(vectors.length, 935, 'the file has 937 tests, two of them in comments');
  assert.deepEqual(failing, missed);
});

import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { test } from 'node:test';
import { fault } from '@safeguard/kernel';
import fc from 'fast-check';
import { operationOutcome, statusOf } from '../index.ts';
import { shapeOfError } from '../log-error.ts';
import { addressBytes } from '../names.ts';
import { everything, fhir, parseReply, serve } from './serve.ts';

const canary = 'JaneDoe4711';

test('no message, whatever lines it has, leaves through the shape of an error', () => {
  const line = fc.oneof(
    fc.string(),
    fc.constantFrom(
      `    at ${canary} (/x/${canary}.ts:1:1)`,
      `    at /x/${canary}:1:1`,
      `Error: ${canary}`,
      canary,
      'Error',
      'E',
      '',
    ),
  );
  fc.assert(
    fc.property(fc.array(line, { maxLength: 6 }), fc.array(line, { maxLength: 3 }), (lines, inner) => {
      const error = new Error(lines.join('\n'), { cause: new RangeError(inner.join('\n')) });
      assert.doesNotMatch(JSON.stringify(shapeOfError(error)), new RegExp(canary));
    }),
    { numRuns: 2000 },
  );
});

test('a body is the same however it is cut into pieces', async () => {
  const served = await serve([
    {
      ...fhir,
      method: 'POST',
      path: '/echo',
      action: 'create',
      accepts: ['text/plain'],
      handle: ({ body }) => ({ status: 200, body }),
    },
  ]);
  const head =
    'POST /echo HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer good\r\nConnection: close\r\nContent-Type: text/plain\r\n';
  await fc.assert(
    fc.asyncProperty(fc.array(fc.string({ minLength: 1, maxLength: 200 }), { maxLength: 12 }), async (pieces) => {
      const socket = connect(served.port, '127.0.0.1').setNoDelay();
      socket.write(`${head}Transfer-Encoding: chunked\r\n\r\n`);
      for (const piece of pieces) {
        socket.write(`${Buffer.byteLength(piece).toString(16)}\r\n`);
        await new Promise((resolve) => socket.write(`${piece}\r\n`, resolve));
      }
      socket.write('0\r\n\r\n');
      const { body } = parseReply(await everything(socket));
      assert.equal(Buffer.from(body, 'latin1').toString('utf8'), pieces.join(''));
    }),
    { numRuns: 60 },
  );
  await served.http.close();
});

test('an IPv6 address has the bytes that its full form says', () => {
  const group = fc.integer({ min: 0, max: 0xffff });
  fc.assert(
    fc.property(fc.array(group, { minLength: 8, maxLength: 8 }), (groups) => {
      const canonical = new URL(`http://[${groups.map((one) => one.toString(16)).join(':')}]`).hostname.slice(1, -1);
      const bytes = addressBytes(canonical);
      assert.deepEqual(
        groups.map((_, at) => bytes.readUInt16BE(at * 2)),
        groups,
      );
    }),
  );
});

test('the outcome of a fault names kind, text and place; the status follows the kind', () => {
  const told = fault('invalid', 'Not valid', {
    issues: [{ severity: 'error', code: 'value', text: 'a date was expected', at: 'Patient.birthDate' }],
  });
  assert.equal(statusOf(told), 400);
  assert.deepEqual(operationOutcome(told), {
    resourceType: 'OperationOutcome',
    issue: [
      { severity: 'error', code: 'value', diagnostics: 'a date was expected', expression: ['Patient.birthDate'] },
    ],
  });
  assert.deepEqual(operationOutcome(fault('gone', 'It was deleted')).issue, [
    { severity: 'error', code: 'deleted', diagnostics: 'It was deleted' },
  ]);
});

import type { Evidence, PlacedEvidence } from '../checks/types.ts';
import { at, type Cursor, isThere, items, textAt, unfit } from './cursor.ts';
import { type JsonObject, node } from './json.ts';
import { line, text } from './markup.ts';
import { uuidOf } from './names.ts';
import { systemComponent, thisSystem } from './plan.ts';
import { counted, formed, maybe, moment, moments, number, oneOf, record, word } from './props.ts';

const facts = record({
  id: word('evidence'),
  check: word('check'),
  from: moment('speaks-from'),
  until: moment('speaks-until'),
  result: oneOf('result', ['met', 'unmet', 'unknown']),
  exceptions: maybe(counted('exception')),
  more: maybe(number('exceptions-more')),
  how: oneOf('how', ['performed', 'reported']),
  why: oneOf('why', ['schedule', 'start', 'change', 'asked']),
  took_ms: number('took-ms'),
  code: record({ version: word('code-version'), digest: word('code-digest'), programme: word('programme-digest') }),
});
const examined = record({ examined: number('examined') });
const placed = record({ log: word('log'), shard: number('log-shard'), index: number('log-index') });

export const observationUuid = (evidence: string): string => uuidOf('observation', evidence);

/** `performed`: the platform tried it. `reported`: it examined what another tool left. */
const methodOf = ({ how }: Evidence): string => (how === 'performed' ? 'TEST' : 'EXAMINE');

/** Evidence as an observation; its ledger entry is the relevant evidence. */
export function observation(organization: string, { evidence: one, place }: PlacedEvidence): JsonObject {
  return node({
    uuid: observationUuid(one.id),
    title: line(one.check),
    description: text(one.saw),
    props: facts.write(one),
    methods: [methodOf(one)],
    types: ['control-objective'],
    origins: [{ actors: [{ type: 'tool', 'actor-uuid': systemComponent(organization, thisSystem) }] }],
    subjects: [
      {
        'subject-uuid': systemComponent(organization, thisSystem),
        type: 'component',
        props: examined.write(one),
      },
    ],
    'relevant-evidence': [{ description: text(one.query), props: placed.write(place) }],
    collected: moments.to(one.at),
    remarks: one.todo === undefined ? undefined : text(one.todo),
  });
}

export function readObservation(of: Cursor): PlacedEvidence {
  const [subject] = items(of, 'subjects');
  const [entry] = items(of, 'relevant-evidence');
  if (subject === undefined || entry === undefined) throw unfit(of, 'an observation with a subject and evidence');
  const evidence: Evidence = {
    kind: 'evidence',
    ...(facts.read(of) as Pick<
      Evidence,
      'id' | 'check' | 'from' | 'until' | 'result' | 'how' | 'why' | 'took_ms' | 'code'
    >),
    ...examined.read(subject),
    at: formed(moments, at(of, 'collected')),
    saw: textAt(of, 'description'),
    query: textAt(entry, 'description'),
    ...(isThere(at(of, 'remarks')) ? { todo: textAt(of, 'remarks') } : {}),
  };
  return { evidence, place: placed.read(entry) };
}

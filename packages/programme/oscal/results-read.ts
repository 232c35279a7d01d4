import { at, type Cursor, items, textAt, unfit } from './cursor.ts';
import { readFinding } from './finding.ts';
import { readHead, rootOf } from './head.ts';
import type { CheckFacts } from './input.ts';
import { readObservation } from './observation.ts';
import { formed, moments } from './props.ts';
import { activityFacts, type ResultsModel, resultFacts, writeResults } from './results.ts';
import { lossless } from './same.ts';

const activity = (of: Cursor): CheckFacts => ({
  ...activityFacts.read(of),
  title: textAt(of, 'title'),
  query: textAt(of, 'description'),
});

/** What assessment results were made of. Fault `invalid`, with a JSON pointer, as `readCatalog`. */
export const readAssessmentResults: (document: unknown) => ResultsModel = lossless((document) => {
  const root = rootOf(document, 'assessment-results');
  const [result] = items(root, 'results');
  if (result === undefined) throw unfit(at(root, 'results'), 'a result');
  const definitions = at(root, 'local-definitions');
  return {
    head: readHead(root),
    from: formed(moments, at(result, 'start')),
    until: formed(moments, at(result, 'end')),
    ...resultFacts.read(result),
    checks: definitions.value === undefined ? [] : items(definitions, 'activities').map(activity),
    evidence: items(result, 'observations').map(readObservation),
    controls: items(result, 'findings').map(readFinding),
  };
}, writeResults);

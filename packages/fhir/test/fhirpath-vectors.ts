import { SaxesParser } from 'saxes';

/** One test of HL7's FHIRPath suite. */
export interface Vector {
  readonly name: string;
  readonly input: string | undefined;
  /** The whole result counts as one boolean: is there anything. */
  readonly predicate: boolean;
  readonly strict: boolean;
  expression: string;
  /** The kind of error that must come. */
  invalid: string | undefined;
  readonly outputs: { readonly type: string | undefined; text: string }[];
}

/** Reads the suite's XML. */
export function readVectors(xml: string): Vector[] {
  const vectors: Vector[] = [];
  let current: Vector | undefined;
  let text = '';
  const parser = new SaxesParser();
  parser.on('opentag', ({ name, attributes }) => {
    text = '';
    if (name === 'test') {
      current = {
        name: attributes['name'] ?? '',
        input: attributes['inputfile'],
        predicate: attributes['predicate'] === 'true',
        strict: attributes['mode'] === 'strict',
        expression: '',
        invalid: undefined,
        outputs: [],
      };
    } else if (name === 'expression' && current) current.invalid = attributes['invalid'];
    else if (name === 'output') current?.outputs.push({ type: attributes['type'], text: '' });
  });
  parser.on('text', (part) => {
    text += part;
  });
  parser.on('closetag', ({ name }) => {
    if (name === 'test' && current) {
      vectors.push(current);
      current = undefined;
    } else if (name === 'expression' && current) current.expression = text;
    else if (name === 'output') {
      const last = current?.outputs.at(-1);
      if (last) last.text = text;
    }
  });
  parser.write(xml).close();
  return vectors;
}

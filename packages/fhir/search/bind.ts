import type { Criterion, Parameter, ReadOptions } from './types.ts';

/**
 * A criterion of a search over several types, for one of them: its parameters are looked up by code among that type's.
 * Throws a RangeError for a parameter that the type does not have; `readSearch` lets through only those that all have.
 */
export function bindTo(criterion: Criterion, type: string, parameters: ReadOptions['parameters']): Criterion {
  const find = ({ code }: Parameter): Parameter => {
    const found = parameters(type).get(code);
    if (!found) throw new RangeError(`no parameter ${code} of ${type}`);
    return found;
  };
  switch (criterion.kind) {
    case 'and':
    case 'or':
      return { ...criterion, all: criterion.all.map((one) => bindTo(one, type, parameters)) };
    case 'not':
      return { ...criterion, one: bindTo(criterion.one, type, parameters) };
    case 'condition':
    case 'chain':
      return { ...criterion, parameter: find(criterion.parameter) };
    default:
      return criterion;
  }
}

// In place of the package's own types, which bring the whole DOM into every file: what is used of it here, loosely.
// biome-ignore-all lint/suspicious/noExplicitAny: a node of any shape
export function select(expression: string, node: any, single: true): any;
export function select(expression: string, node: any, single?: false): any[];

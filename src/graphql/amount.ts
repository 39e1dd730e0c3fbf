/** What a client sent along, as it came. */
export type Variables = Readonly<Record<string, unknown>>;

/** A number that is known when an operation is first seen, or follows from the variables of each request. */
export type Amount = number | ((variables: Variables) => number);

/** The amount for these variables. */
export function amountFor(amount: Amount, variables: Variables): number {
  return typeof amount === 'number' ? amount : amount(variables);
}

/** All of them together. */
export function sumOf(amounts: readonly Amount[]): Amount {
  let known = 0;
  const open: Exclude<Amount, number>[] = [];
  for (const amount of amounts) {
    if (typeof amount === 'number') known += amount;
    else open.push(amount);
  }
  return open.length === 0 ? known : (variables) => open.reduce((sum, amount) => sum + amount(variables), known);
}

/** One as many times as the other. */
export function productOf(one: Amount, other: Amount): Amount {
  if (typeof one === 'number' && typeof other === 'number') return one * other;
  return (variables) => amountFor(one, variables) * amountFor(other, variables);
}

/** The largest of them; 0 for none. */
export function largestOf(amounts: readonly Amount[]): Amount {
  const known = amounts.reduce<number>((largest, amount) => (typeof amount === 'number' ? Math.max(largest, amount) : largest), 0);
  const open = amounts.filter((amount) => typeof amount !== 'number');
  return open.length === 0 ? known : (variables) => open.reduce((largest, amount) => Math.max(largest, amount(variables)), known);
}
